/** Observations for tests, written as an agent would tell them: facts once, then confirmations. */
import { createHash } from "node:crypto";
import { canonical } from "../../src/derive/canonical.ts";
import type { Decisions, SiteInput, StoredObservation } from "../../src/derive/types.ts";

export const T0 = Date.UTC(2026, 2, 3, 8, 0, 0);
export const NO_DECISIONS: Decisions = { profiles: [], memberships: [], names: [], attestations: [], overrules: [] };

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

export function siteInput(observations: readonly StoredObservation[], more: Partial<SiteInput> = {}): SiteInput {
  return {
    tenant: "t",
    site: "s",
    observations,
    decisions: NO_DECISIONS,
    known: new Map(),
    sharedKeys: [],
    rules: "ts-0014-1@2/1",
    ...more,
  };
}

type Facts = Readonly<Record<string, unknown>>;

export interface Told {
  readonly probe: string;
  readonly address: string;
  /** "tcp/443"; absent: the host. */
  readonly endpoint?: string;
  /** Seen on the air: then the address does not count. */
  readonly bss?: { readonly bssid: string; readonly ssid: string };
  readonly facts?: Facts;
  readonly outcome?: StoredObservation["outcome"];
  readonly fault?: { readonly phase: string; readonly code: string };
  readonly link?: string;
}

export class Recorder {
  readonly observations: StoredObservation[] = [];
  readonly agent: string;
  readonly epoch: string;
  readonly epochCreatedAt: number;
  intervalMs = 30_000;
  #seq = 0;
  readonly #bases = new Map<string, { hash: string; seq: number }>();

  constructor(agent = "a1", epoch = "e1", epochCreatedAt = T0 - 1000) {
    this.agent = agent;
    this.epoch = epoch;
    this.epochCreatedAt = epochCreatedAt;
  }

  /** @param at ms after T0 */
  tell(at: number, t: Told): StoredObservation {
    const seq = ++this.#seq;
    const facts = t.facts ?? null;
    const hash = facts === null ? null : sha256(canonical(facts));
    const [transport, port] = (t.endpoint ?? "").split("/");
    const host: StoredObservation["subject"] =
      t.endpoint === undefined
        ? { kind: "host", address: t.address }
        : { kind: "endpoint", address: t.address, transport: transport === "udp" ? "udp" : "tcp", port: Number(port) };
    const subject = t.bss === undefined ? host : { kind: "bss" as const, ...t.bss };
    const key = canonical([t.probe, subject, facts === null ? "" : (facts["list"] ?? facts["usn"] ?? "")]);
    const base = this.#bases.get(key);
    const confirms = base !== undefined && hash !== null && base.hash === hash;
    if (!confirms && hash !== null) this.#bases.set(key, { hash, seq });
    const o: StoredObservation = {
      agent: this.agent,
      epoch: this.epoch,
      epochCreatedAt: this.epochCreatedAt,
      seq,
      contentHash: sha256(canonical([this.agent, this.epoch, seq, t.probe, subject, hash, t.outcome ?? ""])),
      probe: t.probe,
      probeVersion: 1,
      tier: "polite",
      subject,
      linkAddress: t.link ?? null,
      interface: "lo",
      wallAt: T0 + at,
      uncertaintyMs: 5,
      storedAt: T0 + at + 50,
      outcome: t.outcome ?? "identified",
      fault: t.fault ?? null,
      facts: confirms ? null : facts,
      factsHash: hash,
      confirm: confirms ? { epoch: this.epoch, seq: base.seq, hash: base.hash } : null,
      intervalMs: this.intervalMs,
    };
    this.observations.push(o);
    return o;
  }

  /** Says that it runs, and again at this interval, ms. */
  alive(at: number, intervalMs: number): void {
    const o = this.tell(at, { probe: "agent.alive", address: "", facts: { agentVersion: "1.0.0" } });
    this.observations.splice(-1, 1, { ...o, subject: { kind: "site" }, intervalMs });
  }

  ports(
    at: number,
    address: string,
    list: string,
    open: readonly (number | [number, string])[],
    covered: readonly number[],
    more: { link?: string } = {},
  ): void {
    const entries = open.map((p) =>
      typeof p === "number" ? { port: p, protocol: "", banner: "" } : { port: p[0], protocol: p[1], banner: "" },
    );
    const ranges = [...new Set([...covered, ...entries.map((e) => e.port)])].sort((a, b) => a - b).map((p) => ({ first: p, last: p }));
    const facts = { list, covered: ranges, open: entries, filtered: [], completeSweep: false };
    this.tell(at, { probe: "tcp.connect", address, facts, ...more });
  }

  describe(
    at: number,
    address: string,
    who: { uuid: string; serial?: string; vendor?: string; model?: string },
    more: { link?: string } = {},
  ): void {
    const facts = {
      locationPath: "/desc.xml",
      deviceType: "urn:schemas-upnp-org:device:Basic:1",
      friendlyName: `Camera ${who.uuid.slice(0, 4)}`,
      manufacturer: who.vendor ?? "AXIS",
      manufacturerUrl: "",
      modelName: who.model ?? "M1014",
      modelNumber: "",
      modelDescription: "Fixed Network Camera",
      serialNumber: who.serial ?? "",
      udn: who.uuid,
      presentationUrl: "",
      serviceTypes: [],
    };
    this.tell(at, { probe: "upnp.description", address, endpoint: "tcp/49152", facts, ...more });
  }

  beacon(at: number, bss: { bssid: string; ssid: string }, pairwise: string): void {
    const suite = { version: 1, groupCipher: pairwise, pairwiseCiphers: [pairwise], akms: ["00-0F-AC:2"] };
    const rsn = { ...suite, pmfCapable: false, pmfRequired: false, groupManagementCipher: "" };
    const facts = {
      ...bss,
      hidden: false,
      privacy: true,
      beaconSeen: true,
      probeResponseSeen: false,
      rsn,
      oweTransition: false,
      stations: [],
    };
    this.tell(at, { probe: "wifi.bss", address: "", bss, facts });
  }

  notify(at: number, address: string, kind: "ssdp:alive" | "ssdp:byebye", uuid: string): void {
    const usn = `uuid:${uuid}::upnp:rootdevice`;
    this.tell(at, { probe: "ssdp.notify", address, facts: { kind, usn, target: "upnp:rootdevice", location: "", server: "" } });
  }

  tls(at: number, address: string, port: number, versions: readonly number[], leaf = certificate("one")): void {
    const facts = {
      versions: [768, 769, 770, 771, 772].map((version) => ({
        version,
        accepted: versions.includes(version),
        suites: versions.includes(version) ? [{ id: version === 772 ? 4866 : 49200 }] : [],
      })),
      groups: [29],
      chain: [leaf],
      compression: [],
      complete: true,
    };
    this.tell(at, { probe: "tls.handshake", address, endpoint: `tcp/${port}`, facts });
  }

  leaf(at: number, address: string, port: number, leaf: ReturnType<typeof certificate>): void {
    this.tell(at, { probe: "tls.certificate", address, endpoint: `tcp/${port}`, facts: { version: 772, chain: [leaf] } });
  }

  http(at: number, address: string, port: number, more: Facts = {}): void {
    const facts = {
      tls: false,
      status: 301,
      server: "",
      title: "",
      redirect: "https:/",
      redirectsToHttps: true,
      challenges: [],
      loginForm: false,
      securityHeaders: [],
      contentType: "",
      ...more,
    };
    this.tell(at, { probe: "http.root", address, endpoint: `tcp/${port}`, facts });
  }
}

export function certificate(name: string, notAfter = "2036-01-01T00:00:00Z") {
  return {
    sha256: sha256(`certificate ${name}`),
    spkiSha256: sha256(`key ${name}`),
    subject: `CN=${name}`,
    issuer: "CN=ca",
    serialNumber: "01",
    notBefore: "2020-01-01T00:00:00Z",
    notAfter,
    keyType: "EC",
    keyBits: 256,
    signatureOid: "1.2.840.10045.4.3.2",
    selfIssued: false,
    ca: false,
    names: [],
    malformed: "",
  };
}

export const COMMON = [21, 22, 23, 80, 443, 554, 2323, 8000, 8080];

export interface CameraForm {
  readonly address: string;
  readonly uuid: string;
  readonly serial?: string;
  readonly link?: string;
}

/** A camera looked at in full every 10 s over [from, to), ms after T0; as an agent at demo intervals tells it. */
export function watch(
  r: Recorder,
  form: CameraForm,
  from: number,
  to: number,
  more: { open?: readonly (number | [number, string])[]; versions?: readonly number[] } = {},
): void {
  const { address, uuid, serial } = form;
  const open = more.open ?? [80, 443, 49152];
  const link = form.link === undefined ? {} : { link: form.link };
  for (let at = from; at < to; at += 10_000) {
    r.notify(at, address, "ssdp:alive", uuid);
    r.describe(at + 200, address, { uuid, ...(serial === undefined ? {} : { serial }) }, link);
    r.ports(at + 400, address, "common", open, COMMON, link);
    r.ports(at + 500, address, "presence", open, [], link);
    r.http(at + 700, address, 80);
    r.http(at + 800, address, 49152, { redirectsToHttps: false, status: 404, redirect: "" });
    r.tls(at + 900, address, 443, more.versions ?? [771, 772]);
  }
}
