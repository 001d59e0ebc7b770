import { expect, test } from "vitest";
import { Recorder, T0 } from "../../test/derive/recorder.ts";
import { placeInTime } from "./history.ts";
import { announcedUuids, claimsOf, isDefaultEngineId, isJunkSerial, isJunkUuid } from "./identify.ts";
import { isHardwareMac } from "./mac.ts";

test("serials that makers leave unset identify nobody", () => {
  for (const junk of ["", "0", "888", "12345678", "00000000", "123456", "none", "N/A", "xxxx", "987654321"])
    expect(isJunkSerial(junk)).toBe(true);
  for (const real of ["ACCC8E270AD8", "DS-2CD2042WD20160101", "1720LVX003412", "SN-0001-A"]) expect(isJunkSerial(real)).toBe(false);
});

test("nil and counted UUIDs identify nobody", () => {
  for (const junk of ["00000000-0000-0000-0000-000000000000", "12345678-1234-1234-1234-123456789abc", "1", ""])
    expect(isJunkUuid(junk)).toBe(true);
  expect(isJunkUuid("2fac1234-31f8-11b4-a222-08002b34c003")).toBe(false);
});

test("engine ids of loopback and private addresses, zeros and examples are defaults", () => {
  for (const shared of ["", "80001f88017f000001", "8000000001c0a80101", "800000000000000000", "0000000000000000", "80001f88040102030405"]) {
    expect(isDefaultEngineId(shared)).toBe(true);
  }
  expect(isDefaultEngineId("80001f8880e9630000d61ff449")).toBe(false);
});

test("only hardware addresses join: not random, group, zero or virtual-router ones", () => {
  for (const mac of ["02:42:ac:11:00:02", "01:00:5e:00:00:fb", "00:00:00:00:00:00", "00:00:5e:00:01:0a", "00:00:0c:9f:f0:01", "nonsense"]) {
    expect(isHardwareMac(mac)).toBe(false);
  }
  expect(isHardwareMac("00:40:8c:12:34:56")).toBe(true);
});

test("what joins is read by unicast; multicast only shows that a known host is still there", () => {
  const r = new Recorder();
  r.describe(0, "198.18.0.5", { uuid: "2fac1234-31f8-11b4-a222-08002b34c003", serial: "ACCC8E270AD8" }, { link: "00:40:8c:12:34:56" });
  r.notify(1, "198.18.0.6", "ssdp:alive", "2fac1234-31f8-11b4-a222-08002b34c003");
  r.notify(2, "198.18.0.6", "ssdp:byebye", "2fac1234-31f8-11b4-a222-08002b34c003");
  const [description, alive, byebye] = placeInTime(r.observations, T0 + 10_000).seen;
  if (description === undefined || alive === undefined || byebye === undefined) throw new Error("three observations were told");
  expect(
    claimsOf(description)
      .filter((c) => c.joins)
      .map((c) => `${c.kind} ${c.value}`),
  ).toEqual(["mac 00:40:8c:12:34:56", "uuid 2fac1234-31f8-11b4-a222-08002b34c003", "serial axis|m1014|accc8e270ad8"]);
  expect(claimsOf(alive)).toEqual([]);
  expect(announcedUuids(alive)).toEqual(["2fac1234-31f8-11b4-a222-08002b34c003"]);
  expect(announcedUuids(byebye)).toEqual([]);
});

test("an endpoint that a WS-Discovery search heard claims nothing; it is a sign that who is known by it is still there", () => {
  const r = new Recorder();
  const target = { endpoint: "urn:uuid:2FAC1234-31f8-11b4-a222-08002b34c003", types: [], scopes: [], xAddrs: [] };
  r.tell(0, { probe: "wsd.probe", address: "198.18.0.5", facts: { targets: [target] } });
  const [probed] = placeInTime(r.observations, T0 + 10_000).seen;
  if (probed === undefined) throw new Error("nothing was told");
  expect(claimsOf(probed)).toEqual([]);
  expect(announcedUuids(probed)).toEqual(["2fac1234-31f8-11b4-a222-08002b34c003"]);
});

test("who a device is by its ONVIF service joins as a description does, under the same conditions", () => {
  const r = new Recorder();
  const facts = { path: "/onvif/device_service", tls: false, manufacturer: "Maker", model: "M1", serialNumber: "SN-0001-A" };
  for (const more of [{}, { serialNumber: "00000000" }, { model: "" }, { serialNumber: "" }])
    r.tell(0, { probe: "onvif.device", address: "198.18.0.5", endpoint: "tcp/80", facts: { ...facts, ...more } });
  expect(placeInTime(r.observations, T0 + 10_000).seen.map((s) => claimsOf(s))).toEqual([
    [{ kind: "serial", value: "maker|m1|sn-0001-a", joins: true }],
    [{ kind: "serial", value: "maker|m1|00000000", joins: false }],
    [{ kind: "serial", value: "maker||sn-0001-a", joins: false }],
    [],
  ]);
});
