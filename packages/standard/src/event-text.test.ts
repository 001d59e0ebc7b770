import { expect, test } from "vitest";
import { CHANGE_CODES, eventText, transitionText } from "./event-text.ts";

const EVERYTHING = {
  address: "198.18.0.2",
  from: "198.18.0.2",
  to: "198.18.0.9",
  identifier: "serial",
  value: "SN1",
  endpoint: "23/tcp",
  protocol: "telnet",
  reason: "serials differ",
  notAfter: "2026-07-01T00:00:00Z",
  community: "public",
  probe: "tls.handshake",
  confirmedAt: "2026-06-01T00:00:00Z",
  agent: "a1",
  since: "2026-06-01T00:00:00Z",
  gap: "disk-full",
  changes: 2,
  outcomes: 0,
  confirmations: 40,
  change: "service-opened",
  rows: 3,
  at: "2026-06-01T00:00:00Z",
};

test.each(CHANGE_CODES)("%s has a whole sentence in both languages", (change) => {
  const text = eventText(change, EVERYTHING);
  expect(text.en).toMatch(/[.-]$/);
  expect(text["zh-TW"]).toMatch(/\p{Script=Han}/u);
  expect(`${text.en}${text["zh-TW"]}`).not.toMatch(/[{}[\]]|not told|未提供/);
});

test("what the collector announces is among them", () => {
  for (const change of [
    "device-appeared",
    "device-vanished",
    "device-returned",
    "device-moved",
    "service-opened",
    "service-closed",
    "certificate-changed",
    "certificate-expiring",
    "community-default",
    "evidence-expired",
    "agent-silent",
    "agent-returned",
    "agent-gap",
    "agent-cloned",
    "device-replaced",
    "device-merged",
    "device-split",
  ])
    expect(CHANGE_CODES).toContain(change);
});

test("a move says from where, to where, and by what", () => {
  expect(eventText("device-moved", EVERYTHING).en).toBe(
    "The device moved from 198.18.0.2 to 198.18.0.9; it is the same one by its serial number SN1.",
  );
});

test("a service is named with its protocol where it is known", () => {
  expect(eventText("service-opened", EVERYTHING).en).toBe("23/tcp (Telnet) opened.");
  expect(eventText("service-closed", { endpoint: "23/tcp", protocol: "" }).en).toBe("23/tcp closed.");
});

test("what is not known is left out", () => {
  expect(eventText("device-merged", { from: "d1", to: "d2", identifier: "", value: "" }).en).toBe(
    "Two records are one device: d1 joined d2.",
  );
  expect(eventText("device-split", { from: "d1", to: "d2", reason: "" })["zh-TW"]).toBe("一筆紀錄實為兩台裝置：d2 自 d1 分出。");
});

test("brackets in what the network said are no templates", () => {
  expect(eventText("device-replaced", { from: "[{to}]", to: "x" }).en).toBe("Another device stands in the place of [{to}]: x.");
});

test("a gap says why and how much", () => {
  expect(eventText("agent-gap", EVERYTHING).en).toBe(
    "The agent a1 could not keep everything that it saw (its disk was full): 2 changes, 0 other looks and 40 confirmations are known to be lost.",
  );
});

test("a transition names clause, states and the reason that holds now", () => {
  expect(transitionText("5.3.1.1", "pass", "fail", "telnet-answers", { endpoints: ["23/tcp"] }).en).toBe(
    "5.3.1.1 Secure channel with forward secrecy: pass → fail. Telnet answers on 23/tcp: logins travel in cleartext.",
  );
  expect(transitionText("9.9.9.9", null, "retracted", "x", {}).en).toContain("not assessed → not assessed");
});

test("a fingerprint is told by its beginning", () => {
  const [from, to] = ["ab".repeat(32), "cd".repeat(32)];
  expect(eventText("certificate-changed", { endpoint: "443/tcp", from, to }).en).toBe(
    "The certificate on 443/tcp changed from abababababababab… to cdcdcdcdcdcdcdcd….",
  );
});
