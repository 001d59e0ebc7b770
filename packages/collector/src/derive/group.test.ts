import { expect, test } from "vitest";
import { Recorder, sha256, T0 } from "../../test/derive/recorder.ts";
import { type Group, group } from "./group.ts";
import { placeInTime } from "./history.ts";
import type { Decisions, SiteInput } from "./types.ts";

const [A, B, C] = ["198.18.0.5", "198.18.0.6", "198.18.0.7"] as const;
const [U1, U2] = ["2fac1234-31f8-11b4-a222-08002b34c003", "aaac1234-31f8-11b4-a222-08002b34c111"] as const;

function groups(r: Recorder, known: SiteInput["known"] = new Map(), overrules: Decisions["overrules"] = []): readonly Group[] {
  return group({ seen: placeInTime(r.observations, T0 + 100_000).seen, known, overrules, at: T0 + 100_000, settleMs: 3000, hash: sha256 })
    .groups;
}

function addresses(list: readonly Group[]): string[][] {
  return list.map((g) => [...new Set(g.sightings.map((s) => s.address))].sort());
}

test("a shared UUID joins, and the join says why", () => {
  const r = new Recorder();
  r.describe(0, A, { uuid: U1 });
  r.describe(10_000, B, { uuid: U1 });
  r.describe(10_000, C, { uuid: U2 });
  const list = groups(r);
  expect(addresses(list)).toEqual([[A, B], [C]]);
  expect(list[0]?.joins).toEqual([{ identifier: "uuid", value: U1, a: `a1|${A}|`, b: `a1|${B}|`, at: T0 + 10_000 }]);
});

test("serials that conflict cut what a UUID would join", () => {
  const r = new Recorder();
  r.describe(0, A, { uuid: U1, serial: "SN-1111" });
  r.describe(10_000, B, { uuid: U1, serial: "SN-2222" });
  expect(addresses(groups(r))).toEqual([[A], [B]]);
});

test("an interface address told by SNMP joins the host that has it on the wire", () => {
  const r = new Recorder();
  const system = {
    description: "switch",
    objectId: "1.3.6.1.4.1.9.1",
    name: "",
    location: "",
    contact: "",
    community: "public",
    version: "v2c",
  };
  const interfaces = [
    { index: 1, name: "eth0", physicalAddress: "00:40:8c:00:00:01" },
    { index: 2, name: "eth1", physicalAddress: "00:40:8c:00:00:02" },
  ];
  r.tell(0, { probe: "snmp.system", address: A, endpoint: "udp/161", link: "00:40:8c:00:00:01", facts: { ...system, interfaces } });
  r.describe(1000, B, { uuid: U1 }, { link: "00:40:8c:00:00:02" });
  expect(addresses(groups(r))).toEqual([[A, B]]);
});

test("a place without link address is cut where another UUID takes it, and the cut part is a device of its own", () => {
  const r = new Recorder();
  r.describe(0, A, { uuid: U1 });
  r.describe(10_000, B, { uuid: U1 });
  r.describe(20_000, A, { uuid: U2 });
  const list = groups(r);
  expect(list).toHaveLength(2);
  expect(list[1]?.replaces).toBe(list[0]?.id);
});

test("a group bears its earliest recorded id; the others are aliases", () => {
  const r = new Recorder();
  r.describe(0, A, { uuid: U1 });
  r.describe(10_000, B, { uuid: U1 });
  const known = new Map([
    [`a1|${A}||a1/e1/1`, { id: "late", recordedAt: 2 }],
    [`a1|${B}||a1/e1/2`, { id: "early", recordedAt: 1 }],
  ]);
  expect(groups(r, known)).toMatchObject([{ id: "early", aliases: ["late"], founding: `a1|${B}||a1/e1/2` }]);
});

test("people's word: a split outweighs every identifier, a join every serial", () => {
  const r = new Recorder();
  r.describe(0, A, { uuid: U1 });
  r.describe(10_000, B, { uuid: U1 });
  r.describe(10_000, C, { uuid: U2, serial: "SN-3333" });
  const known = new Map([
    [`a1|${A}||a1/e1/1`, { id: "a", recordedAt: 1 }],
    [`a1|${B}||a1/e1/2`, { id: "b", recordedAt: 2 }],
    [`a1|${C}||a1/e1/3`, { id: "c", recordedAt: 3 }],
  ]);
  const word = (kind: "join" | "split", a: string, b: string) => ({ kind, a, b, author: "kim", reason: "seen it", from: T0 });
  expect(addresses(groups(r, known, [word("split", "a", "b")]))).toEqual([[A], [B], [C]]);
  expect(addresses(groups(r, known, [word("join", "a", "c")]))).toEqual([[A, B, C]]);
});

test("what never answered is not missed: answers that interleave around it show two hosts under one serial", () => {
  const r = new Recorder();
  r.describe(0, A, { uuid: U1, serial: "SN-1111" });
  r.describe(100, B, { uuid: U2, serial: "SN-1111" });
  r.tell(200, { probe: "snmp.system", address: A, endpoint: "udp/161", outcome: "unreachable" });
  r.describe(300, A, { uuid: U1, serial: "SN-1111" });
  r.describe(305, B, { uuid: U2, serial: "SN-1111" });
  expect(addresses(groups(r))).toEqual([[A], [B]]);
});
