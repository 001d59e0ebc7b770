import { expect, test } from "vitest";
import { COMMON, certificate, NO_DECISIONS, Recorder, sha256, siteInput, T0, watch } from "../../test/derive/recorder.ts";
import { changesOf } from "./change.ts";
import { deriveSite } from "./site.ts";
import type { SiteInput, SitePresent, StoredObservation } from "./types.ts";

const A = "198.18.0.5";
const B = "198.18.0.9";
const UUID = "2fac1234-31f8-11b4-a222-08002b34c003";

function derive(r: Recorder, at: number, more: Partial<SiteInput> = {}): SitePresent {
  return deriveSite(siteInput(r.observations, more), T0 + at, { hash: sha256 });
}

function happened(p: SitePresent, all = false): string[] {
  return p.occurrences.filter((o) => all || !o.initial).map((o) => `${o.change} ${o.from ?? ""}>${o.to ?? ""}`);
}

/** "clause:from>to" of what changed after the first assessment. */
function changed(p: SitePresent, clause: string): string[] {
  const rows = p.beliefs.filter((b) => b.clause === clause).sort((x, y) => x.from - y.from);
  return rows.flatMap((b, i) => (i === 0 || b.initial ? [] : [`${rows[i - 1]?.status}>${b.status}`]));
}

function statusOf(p: SitePresent, clause: string): string | undefined {
  return p.beliefs
    .filter((b) => b.clause === clause)
    .sort((x, y) => x.from - y.from)
    .at(-1)?.status;
}

test("a camera appears once, with its class, its identifiers and all its verdicts", () => {
  const r = new Recorder();
  watch(r, { address: A, uuid: UUID, serial: "ACCC8E270AD8" }, 0, 60_000);
  const p = derive(r, 60_000);
  expect(p.devices).toHaveLength(1);
  const [d] = p.devices;
  expect(d).toMatchObject({ class: "camera", membership: "in", addresses: [A], vanishedAt: null, aliases: [], replaces: null });
  expect(d?.vendor).toMatchObject({ value: "AXIS", source: "upnp.description/manufacturer" });
  expect(d?.identifiers.filter((i) => i.joins).map((i) => i.kind)).toEqual(["serial", "uuid"]);
  expect(Object.values(d?.counts ?? {}).reduce((a, b) => a + b)).toBe(54);
  expect(statusOf(p, "5.3.1.3")).toBe("pass");
  expect(p.beliefs.every((b) => b.initial)).toBe(true);
  expect(happened(p)).toEqual([]);
  expect(happened(p, true)[0]).toBe(`device-appeared >${A}`);
  expect(d?.sources).toEqual(["http.root", "ssdp.notify", "tcp.connect", "tls.handshake", "upnp.description"]);
  expect(p.nextChangeAt).toBeGreaterThan(T0 + 60_000);
});

test("a port whose ONVIF service alone answered speaks HTTP, in TLS where that was asked in it", () => {
  const r = new Recorder();
  watch(r, { address: A, uuid: UUID }, 0, 60_000, { open: [80, 443, 8000, 8443, 49152] });
  const nobody = { path: "/onvif/device_service", manufacturer: "", model: "", serialNumber: "", firmwareVersion: "" };
  for (const [port, tls] of [
    [8000, false],
    [8443, true],
  ] as const)
    r.tell(55_000, { probe: "onvif.device", address: A, endpoint: `tcp/${port}`, facts: { ...nobody, tls } });
  const told = derive(r, 60_000).devices[0]?.endpoints.map((e) => [e.port, e.protocol]);
  expect(told).toContainEqual([8000, "http"]);
  expect(told).toContainEqual([8443, "https"]);
});

test("a refusal alone, silence and a confirmation of something unknown make no device", () => {
  const r = new Recorder();
  r.ports(0, A, "common", [], COMMON);
  r.tell(10, { probe: "http.root", address: A, endpoint: "tcp/80", outcome: "unreachable", fault: { phase: "connect", code: "refused" } });
  const lost = new Recorder("a2");
  watch(lost, { address: B, uuid: UUID }, 0, 20_000);
  r.observations.push(...lost.observations.filter((o) => o.confirm !== null));
  expect(derive(r, 60_000).devices).toEqual([]);
});

test("a host without an identifier that joins is waited for before it is a device", () => {
  const r = new Recorder();
  r.notify(0, A, "ssdp:alive", UUID);
  const early = derive(r, 1000);
  expect(early.devices).toEqual([]);
  expect(early.nextChangeAt).toBe(T0 + 3000);
  expect(derive(r, 3000).devices).toHaveLength(1);
});

test("Telnet that opens later is a service that appeared and two verdicts for the worse", () => {
  const r = new Recorder();
  watch(r, { address: A, uuid: UUID }, 0, 60_000);
  watch(r, { address: A, uuid: UUID }, 60_000, 90_000, { open: [[23, "telnet"], 80, 443, 49152] });
  const p = derive(r, 90_000);
  expect(happened(p)).toEqual(["service-opened >tcp/23"]);
  expect(changed(p, "5.3.2.2")).toEqual(["unknown>fail"]);
  expect(statusOf(p, "5.3.1.1")).toBe("fail");
});

test("a port that closes while others answer ends its endpoint and what was known of it", () => {
  const r = new Recorder();
  watch(r, { address: A, uuid: UUID }, 0, 60_000, { open: [[23, "telnet"], 80, 443, 49152] });
  watch(r, { address: A, uuid: UUID }, 60_000, 90_000);
  const p = derive(r, 90_000);
  expect(happened(p)).toEqual(["service-closed tcp/23>"]);
  expect(statusOf(p, "5.3.2.2")).toBe("unknown");
  expect(p.devices[0]?.endpoints.map((e) => e.port)).toEqual([80, 443, 49152]);
});

test("a device that misses three looks has vanished; its endpoints stand; it returns as the same one", () => {
  const r = new Recorder();
  const form = { address: A, uuid: UUID };
  watch(r, form, 0, 60_000);
  for (const at of [65_000, 70_000, 75_000]) r.ports(at, A, "presence", [], [80, 443, 49152]);
  const gone = derive(r, 76_000);
  expect(happened(gone)).toEqual([`device-vanished ${A}>`]);
  expect(gone.devices[0]?.vanishedAt).toBe(T0 + 75_000);
  expect(gone.devices[0]?.endpoints).toHaveLength(3);
  expect(changed(gone, "5.3.1.1")).toEqual([]);
  watch(r, form, 80_000, 100_000);
  expect(happened(derive(r, 100_000))).toEqual([`device-vanished ${A}>`, `device-returned >${A}`]);
});

test("a device that moves keeps its id, says what joined it, and no verdict or service flaps", () => {
  const r = new Recorder();
  watch(r, { address: A, uuid: UUID }, 0, 60_000);
  const before = derive(r, 61_000);
  r.notify(62_000, B, "ssdp:alive", UUID);
  r.describe(63_000, B, { uuid: UUID });
  r.ports(64_000, A, "presence", [], [80, 443, 49152]);
  watch(r, { address: B, uuid: UUID }, 65_000, 120_000);
  const known = new Map(before.devices.map((d) => [d.founding, { id: d.id, recordedAt: T0 }]));
  const p = derive(r, 120_000, { known });
  expect(p.devices.map((d) => d.id)).toEqual(before.devices.map((d) => d.id));
  expect(p.devices[0]?.addresses).toEqual([B]);
  expect(happened(p)).toEqual([`device-moved ${A}>${B}`]);
  const move = p.occurrences.find((o) => o.change === "device-moved");
  expect(move?.parameters).toMatchObject({ identifier: "uuid", value: UUID });
  expect(p.beliefs.filter((b) => !b.initial)).toEqual([]);
});

test("looks carried to a new address stand there beside the first look at a certificate", () => {
  const r = new Recorder();
  watch(r, { address: A, uuid: UUID }, 0, 60_000);
  r.leaf(60_000, A, 443, certificate("one"));
  r.describe(63_000, B, { uuid: UUID });
  r.ports(64_000, A, "presence", [], [80, 443, 49152]);
  r.leaf(65_000, B, 443, certificate("one"));
  const p = derive(r, 66_000);
  expect(p.devices[0]?.addresses).toEqual([B]);
  expect(p.beliefs.filter((b) => b.clause === "5.3.1.3" && !b.initial)).toEqual([]);
});

test("a look at the old address that is told after the new one answered makes neither two devices nor two addresses", () => {
  const r = new Recorder();
  watch(r, { address: A, uuid: UUID }, 0, 60_000);
  r.describe(63_000, B, { uuid: UUID });
  r.notify(63_100, B, "ssdp:alive", UUID);
  const late = r.observations.length;
  r.describe(62_900, A, { uuid: UUID });
  r.ports(62_950, A, "common", [80, 443, 49152], COMMON);
  for (let i = late; i < r.observations.length; i++)
    r.observations[i] = { ...(r.observations[i] as StoredObservation), storedAt: T0 + 63_800 };
  r.ports(64_000, A, "presence", [], [80, 443, 49152]);
  watch(r, { address: B, uuid: UUID }, 65_000, 120_000);
  const p = derive(r, 120_000);
  expect(p.devices.map((d) => d.addresses)).toEqual([[B]]);
  expect(happened(p)).toEqual([`device-moved ${A}>${B}`]);
});

test("a device that answers at two addresses has both", () => {
  const r = new Recorder();
  const mac = "00:40:8c:12:34:56";
  for (let at = 0; at < 60_000; at += 10_000) {
    watch(r, { address: A, uuid: UUID, link: mac }, at, at + 1);
    if (at > 20_000) watch(r, { address: B, uuid: UUID, link: mac }, at + 5000, at + 5001);
  }
  const p = derive(r, 70_000);
  expect(p.devices).toHaveLength(1);
  expect(p.devices[0]?.addresses.toSorted()).toEqual([A, B]);
  expect(happened(p)).toEqual([]);
});

test("units of a model that carry one serial are two devices, and the serial joins nobody", () => {
  const r = new Recorder();
  const other = "2fac1234-31f8-11b4-a222-08002b34c999";
  for (let at = 0; at < 60_000; at += 10_000) {
    watch(r, { address: A, uuid: UUID, serial: "SN-0001-A" }, at, at + 1);
    watch(r, { address: B, uuid: other, serial: "SN-0001-A" }, at + 5000, at + 5001);
  }
  const p = derive(r, 60_000);
  expect(p.devices.map((d) => d.addresses)).toEqual([[A], [B]]);
  expect(p.devices.every((d) => d.identifiers.some((i) => i.kind === "serial" && i.cloned && !i.joins))).toBe(true);
});

test("another serial at the same place is another device that replaces the first", () => {
  const r = new Recorder();
  watch(r, { address: A, uuid: UUID, serial: "SN-1111" }, 0, 30_000);
  watch(r, { address: A, uuid: "aaac1234-31f8-11b4-a222-08002b34c111", serial: "SN-2222" }, 40_000, 70_000);
  const p = derive(r, 70_000);
  expect(p.devices).toHaveLength(2);
  expect(p.devices[1]?.replaces).toBe(p.devices[0]?.id);
  expect(happened(p).some((t) => t.startsWith("device-replaced"))).toBe(true);
});

test("a new certificate is told by the light look, and changes nothing else of the posture", () => {
  const r = new Recorder();
  watch(r, { address: A, uuid: UUID }, 0, 60_000);
  r.leaf(5000, A, 443, certificate("one"));
  const expired = certificate("two", "2026-01-01T00:00:00Z");
  r.leaf(61_000, A, 443, expired);
  const p = deriveSite(
    siteInput(
      r.observations
        .toSorted((x, y) => x.wallAt - y.wallAt)
        .map((o, i) => ({ ...o, seq: o.confirm === null ? o.seq : o.seq, storedAt: o.wallAt + 50 + i * 0 })),
    ),
    T0 + 62_000,
    { hash: sha256 },
  );
  expect(happened(p)).toContain(`certificate-changed ${certificate("one").sha256}>${expired.sha256}`);
  expect(statusOf(p, "5.3.1.2")).toBe("fail");
  expect(statusOf(p, "5.3.1.3")).toBe("pass");
});

test("evidence that nobody confirms expires; a silent agent is told once, not per verdict", () => {
  const r = new Recorder();
  watch(r, { address: A, uuid: UUID }, 0, 60_000);
  const p = derive(r, 600_000);
  expect(statusOf(p, "5.3.1.3")).toBe("unknown");
  expect(happened(p).map((t) => t.split(" ")[0])).toEqual(["agent-silent"]);
  const rows = p.beliefs.filter((b) => b.cause === "expiry");
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.every((b) => b.unannounced === true)).toBe(true);
});

test("evidence that a vanished device left behind is told once per probe, and its verdicts say nothing of their own", () => {
  const r = new Recorder();
  const snmp = { probe: "snmp.system", address: A, endpoint: "udp/161", outcome: "unreachable" as const };
  r.tell(0, { ...snmp, fault: { phase: "read", code: "timeout" } });
  watch(r, { address: A, uuid: UUID }, 0, 60_000);
  const gone = { probe: "tcp.connect", address: A, outcome: "unreachable" as const, fault: { phase: "connect", code: "refused" } };
  for (let at = 60_000; at < 300_000; at += 5_000) r.tell(at, gone);
  const p = derive(r, 300_000);
  const told = changesOf(p).filter((c) => c.change !== "device-appeared");
  expect(told.map((c) => `${c.change} ${c.from ?? ""}`)).toEqual([
    `device-vanished ${A}`,
    "evidence-expired tcp.connect",
    "evidence-expired http.root",
    "evidence-expired tls.handshake",
  ]);
  expect(told.every((c) => c.evidence.length > 0)).toBe(true);
  expect(changed(p, "5.3.1.3")).toEqual(["pass>unknown"]);
});

test("decisions: membership, names and profiles take effect from their dates", () => {
  const r = new Recorder();
  watch(r, { address: A, uuid: UUID }, 0, 60_000);
  const id = derive(r, 60_000).devices[0]?.id ?? "";
  const decisions = {
    ...NO_DECISIONS,
    memberships: [{ device: id, membership: "out" as const, author: "kim", reason: "test bench", from: T0 + 50_000 }],
    names: [{ device: id, name: "Gate", location: "north", tags: ["a"] }],
    profiles: [{ id: "p1", match: { vendor: "Axis", model: "m1014" }, services: ["tcp/80", "tcp/443"], from: T0 + 45_000 }],
  };
  const p = derive(r, 60_000, { decisions });
  expect(p.devices[0]).toMatchObject({
    membership: "out",
    membershipReason: "kim: test bench",
    friendlyName: "Gate",
    location: "north",
    tags: ["a"],
  });
  expect(changed(p, "5.2.2.1")).toEqual(["unknown>fail"]);
  expect(p.beliefs.find((b) => b.clause === "5.2.2.1" && b.status === "fail")).toMatchObject({ from: T0 + 45_000, cause: "profile" });
});

test("two observations under one key both count, and the agent is told to be cloned", () => {
  const r = new Recorder();
  watch(r, { address: A, uuid: UUID }, 0, 20_000);
  const twin = new Recorder();
  watch(twin, { address: B, uuid: "bbac1234-31f8-11b4-a222-08002b34c111" }, 0, 20_000);
  const p = deriveSite(siteInput([...r.observations, ...twin.observations]), T0 + 30_000, { hash: sha256 });
  expect(p.devices).toHaveLength(2);
  expect(happened(p).some((t) => t.startsWith("agent-cloned a1"))).toBe(true);
});

test("a gap that two agents tell under one key is told once", () => {
  const r = new Recorder();
  const facts = { reason: "size", epoch: "e0", ranges: [{ first: 1, last: 1 }], confirmations: 1, outcomes: 0, changes: 0 };
  const gap = r.tell(0, { probe: "agent.gap", address: "", facts });
  const p = deriveSite(siteInput([gap, { ...gap, contentHash: "f".repeat(64) }]), T0 + 30_000, { hash: sha256 });
  expect(happened(p).toSorted()).toEqual(["agent-cloned a1>", "agent-gap a1>size"]);
});

/** The looks of one agent at A, told from one epoch until another begins, and on from both where it has two writers. */
function twoEpochs(firstUntil: number, second: { readonly from: number; readonly until: number }): readonly StoredObservation[] {
  const one = new Recorder("a1", "e1", T0 - 1000);
  const two = new Recorder("a1", "e2", T0 + second.from);
  watch(one, { address: A, uuid: UUID }, 0, firstUntil);
  watch(two, { address: A, uuid: UUID }, second.from, second.until);
  return [...one.observations, ...two.observations];
}
const clones = (observations: readonly StoredObservation[]) =>
  happened(deriveSite(siteInput(observations), T0 + 1_000_000, { hash: sha256 })).filter((t) => t.startsWith("agent-cloned"));

test("an agent that goes on in an epoch after a later one began is told to be cloned, once", () => {
  expect(clones(twoEpochs(600_000, { from: 300_000, until: 900_000 }))).toEqual(["agent-cloned a1>"]);
});

test("a new epoch alone, a backlog and a clock that stepped make no clone", () => {
  expect(clones(twoEpochs(300_000, { from: 300_000, until: 900_000 }))).toEqual([]);
  const [one, two] = [twoEpochs(600_000, { from: 300_000, until: 900_000 }), twoEpochs(300_000, { from: 305_000, until: 900_000 })];
  const late = (o: StoredObservation) => (o.epoch === "e1" ? { ...o, storedAt: T0 + 900_000 } : o);
  expect(clones(two.map(late))).toEqual([]);
  // What a wrong clock says of the time, the time of storage does not bear out.
  expect(clones(one.map((o) => (o.epoch === "e1" ? { ...o, wallAt: o.wallAt + 86_400_000 } : o)))).toEqual([]);
  expect(clones(one.map((o) => ({ ...o, uncertaintyMs: null })))).toEqual([]);
});

test("what an agent could not keep is told with its reason and counts; numbers that changed are no loss", () => {
  const r = new Recorder();
  watch(r, { address: A, uuid: UUID }, 0, 60_000);
  const gap = { reason: "size", epoch: "e1", ranges: [{ first: 3, last: 9 }], confirmations: 6, outcomes: 0, changes: 1 };
  for (const facts of [gap, { ...gap, reason: "renumbered" }]) {
    const o = r.tell(60_000, { probe: "agent.gap", address: "", facts });
    r.observations.splice(-1, 1, { ...o, subject: { kind: "site" } });
  }
  const told = changesOf(derive(r, 70_000)).filter((c) => c.kind === "agent");
  expect(told).toMatchObject([
    {
      change: "agent-gap",
      severity: "medium",
      at: T0 + 60_000,
      from: "a1",
      to: "size",
      parameters: { gap: "size", confirmations: 6, changes: 1 },
    },
  ]);
  expect(told[0]?.evidence).toMatchObject([{ kind: "observation", facts: { probe: "agent.gap", ranges: [{ first: 3, last: 9 }] } }]);
});

test("presence looks that nothing answers at all make a device vanish the third time, and end none of its endpoints", () => {
  const r = new Recorder();
  watch(r, { address: A, uuid: UUID }, 0, 60_000);
  const silent = { probe: "tcp.connect", address: A, outcome: "unreachable" as const, fault: { phase: "connect", code: "refused" } };
  for (const at of [65_000, 70_000]) r.tell(at, silent);
  // On loopback guard ports are refused too: no second opinion, and no end of an endpoint.
  r.ports(72_000, A, "guard", [], [23, 80, 443]);
  expect(happened(derive(r, 74_000))).toEqual([]);
  r.tell(75_000, silent);
  const p = derive(r, 76_000);
  expect(happened(p)).toEqual([`device-vanished ${A}>`]);
  expect(p.devices[0]?.endpoints).toHaveLength(3);
});

test("a long look that began before the first miss and is told after it does not make the host alive again", () => {
  const r = new Recorder();
  watch(r, { address: A, uuid: UUID }, 0, 60_000);
  const silent = { probe: "tcp.connect", address: A, outcome: "unreachable" as const, fault: { phase: "connect", code: "refused" } };
  r.tell(65_000, silent);
  const long = r.observations.length;
  r.ports(61_000, A, "common", [80, 443, 49152], COMMON);
  r.observations.splice(long, 1, { ...(r.observations[long] as StoredObservation), storedAt: T0 + 66_000 });
  for (const at of [70_000, 75_000]) r.tell(at, silent);
  expect(happened(derive(r, 76_000))).toEqual([`device-vanished ${A}>`]);
});

test("an agent that comes back after a silence makes no transition of what is as it was", () => {
  const r = new Recorder();
  watch(r, { address: A, uuid: UUID }, 0, 60_000);
  watch(r, { address: A, uuid: UUID }, 600_000, 640_000);
  const p = derive(r, 640_000);
  expect(statusOf(p, "5.3.1.3")).toBe("pass");
  const announced = changesOf(p).filter((c) => c.change !== "device-appeared");
  expect(announced.map((c) => `${c.change} ${c.clause ?? ""}`)).toEqual(["agent-silent ", "agent-returned "]);
  expect(announced.at(-1)).toMatchObject({ kind: "agent", severity: "info", at: T0 + 600_000, parameters: { agent: "a1" } });
});

test("an agent that says when it will be heard again is silent after three times as long, with no device or an idle one, until it is heard", () => {
  const r = new Recorder();
  r.alive(0, 15_000);
  r.alive(14_000, 15_000);
  const told = (at: number) => derive(r, at).occurrences.map((o) => `${o.change} ${o.at - T0}`);
  expect(told(58_000)).toEqual([]);
  expect(derive(r, 58_000).nextChangeAt).toBe(T0 + 59_000);
  expect(told(59_000)).toEqual(["agent-silent 59000"]);
  expect(derive(r, 59_000).occurrences[0]).toMatchObject({
    kind: "agent",
    device: "",
    parameters: { agent: "a1", since: new Date(T0 + 14_000).toISOString() },
  });
  r.tell(90_000, {
    probe: "http.root",
    address: A,
    endpoint: "tcp/80",
    outcome: "unreachable",
    fault: { phase: "connect", code: "refused" },
  });
  expect(told(100_000)).toEqual(["agent-silent 59000", "agent-returned 90000"]);
});

test("what came late of an agent that ran all the time leaves no silence; the pace is the one that it promised last", () => {
  const r = new Recorder();
  for (const at of [0, 15_000, 30_000, 45_000, 60_000, 75_000]) r.alive(at, 15_000);
  for (let at = 80_000; at <= 680_000; at += 120_000) r.alive(at, 120_000);
  expect(happened(derive(r, 700_000))).toEqual([]);
  expect(happened(derive(r, 680_000 + 360_000)).map((t) => t.split(" ")[0])).toEqual(["agent-silent"]);
  const [first, ...late] = r.observations;
  const missing = new Recorder();
  missing.observations.push(first as StoredObservation, late.at(-1) as StoredObservation);
  expect(happened(derive(missing, 700_000)).map((t) => t.split(" ")[0])).toEqual(["agent-silent", "agent-returned"]);
});

test("an agent that is heard in the very moment at which it would be silent is not", () => {
  const r = new Recorder();
  r.alive(0, 15_000);
  watch(r, { address: A, uuid: UUID }, 45_000, 46_000);
  expect(happened(derive(r, 47_000))).toEqual([]);
});
