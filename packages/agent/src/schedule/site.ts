/** What the agent knows of its site while it runs: hosts, their open ports, where their descriptions are. Rebuilt from the outbox at a start. */
import { decodePosture, Outcome, type PostureOf } from "@vedette/proto";
import { type ParsedLook, parseLookKey } from "../look-key.ts";
import { MISSES_TOLD } from "../observe.ts";
import type { Told } from "../outbox/outbox.ts";
import type { Look } from "../run.ts";
import type { OpenPort } from "./protocol.ts";

export interface KnownHost {
  readonly address: string;
  readonly ports: ReadonlyMap<number, OpenPort>;
  /** Port of a LOCATION on this host → its path and query. */
  readonly descriptions: ReadonlyMap<number, string>;
  /** UDP ports at which an SNMP agent answered. */
  readonly snmp: ReadonlySet<number>;
  /** Presence looks in a row that no known endpoint answered. */
  readonly missed: number;
}

/** What a look changed in what is known. */
export interface Learned {
  readonly address: string;
  readonly opened: readonly number[];
  readonly closed: readonly number[];
  /** It answered again after looks that it missed. */
  readonly revived: boolean;
}

interface Mutable {
  address: string;
  ports: Map<number, OpenPort>;
  descriptions: Map<number, string>;
  snmp: Set<number>;
  missed: number;
}

export interface Site {
  readonly hosts: ReadonlyMap<string, KnownHost>;
  /** @returns true where the host is new */
  note(address: string): boolean;
  /** @returns true where host or path are new */
  noteDescription(address: string, port: number, path: string): boolean;
  /** Takes in what a look found; nothing where it says nothing of a host. */
  absorb(look: Look): Learned | undefined;
  restore(told: Iterable<readonly [look: string, told: Told]>): void;
  forget(address: string): void;
}

/** A host that has missed this many looks is left alone but for its presence. */
export function isSilent(host: Pick<KnownHost, "missed">): boolean {
  return host.missed >= MISSES_TOLD;
}

type TcpFacts = Pick<PostureOf<"tcp.connect">, "covered" | "open" | "filtered">;
type PlainTcp = { covered: { first: number; last: number }[]; open: { port: number; protocol: string }[] };

function covers(ranges: readonly { first: number; last: number }[], port: number): boolean {
  return ranges.some((r) => r.first <= port && port <= r.last);
}

export function createSite(): Site {
  const hosts = new Map<string, Mutable>();

  function hostAt(address: string): Mutable {
    const known = hosts.get(address);
    if (known !== undefined) return known;
    const host: Mutable = { address, ports: new Map(), descriptions: new Map(), snmp: new Set(), missed: 0 };
    hosts.set(address, host);
    return host;
  }

  function absorbPorts(host: Mutable, facts: TcpFacts | PlainTcp): { opened: number[]; closed: number[] } {
    const opened: number[] = [];
    for (const { port, protocol } of facts.open) {
      const known = host.ports.get(port);
      if (known === undefined) opened.push(port);
      // Presence looks do not wait for a banner: what was heard before stands.
      host.ports.set(port, { ...known, port, banner: protocol === "" ? (known?.banner ?? "") : protocol });
    }
    const answering = new Set(facts.open.map((o) => o.port));
    const closed = [...host.ports.keys()].filter((p) => !answering.has(p) && covers(facts.covered, p));
    for (const port of closed) host.ports.delete(port);
    return { opened, closed };
  }

  function mark(host: Mutable, port: number, learned: Partial<OpenPort>): void {
    const known = host.ports.get(port);
    if (known !== undefined) host.ports.set(port, { ...known, ...learned });
  }

  function absorbEndpoint(host: Mutable, look: Pick<Look, "probe" | "outcome">, port: number): void {
    // A look that could not tell teaches nothing.
    const answer = look.outcome === "identified" ? true : look.outcome === "not-identified" ? false : undefined;
    if (answer === undefined) return;
    if (look.probe === "tls.certificate" || look.probe === "tls.handshake") mark(host, port, { tls: answer });
    if (look.probe === "http.root") mark(host, port, { http: answer });
    if (look.probe === "snmp.system" && answer) host.snmp.add(port);
  }

  function lived(host: Mutable): boolean {
    const revived = host.missed > 0;
    host.missed = 0;
    return revived;
  }

  function restoreLook({ probe, variant, subject }: ParsedLook, t: Told): void {
    if (subject.kind === "host" && probe === "tcp.connect") {
      if (t.outcome === Outcome.IDENTIFIED && t.posture !== undefined)
        absorbPorts(hostAt(subject.address), decodePosture("tcp.connect", t.posture));
      else if (t.outcome === Outcome.UNREACHABLE && variant === "presence") hostAt(subject.address).missed = t.repeats;
    } else if (subject.kind === "endpoint" && t.outcome === Outcome.IDENTIFIED && t.posture !== undefined) {
      const host = hostAt(subject.address);
      const { port } = subject;
      if (subject.transport === "tcp" && !host.ports.has(port)) host.ports.set(port, { port, banner: "" });
      if (probe === "upnp.description") host.descriptions.set(port, decodePosture("upnp.description", t.posture).locationPath);
      absorbEndpoint(host, { probe, outcome: "identified" }, port);
    }
  }

  return {
    hosts,
    note(address) {
      const fresh = !hosts.has(address);
      hostAt(address);
      return fresh;
    },
    noteDescription(address, port, path) {
      const host = hostAt(address);
      if (host.descriptions.get(port) === path) return false;
      host.descriptions.set(port, path);
      return true;
    },

    absorb(look) {
      const { subject } = look;
      if (subject.kind === "host" && look.probe === "tcp.connect") {
        const posture = look.facts?.posture as TcpFacts | undefined;
        if (look.outcome === "unreachable" && look.variant === "presence") {
          const host = hosts.get(subject.address);
          if (host !== undefined) host.missed++;
          return undefined;
        }
        if (look.outcome !== "identified" || posture === undefined || posture.open.length === 0) return undefined;
        const host = hostAt(subject.address);
        return { address: subject.address, ...absorbPorts(host, posture), revived: lived(host) };
      }
      if (subject.kind === "endpoint") {
        if (look.outcome !== "identified" && !hosts.has(subject.address)) return undefined;
        const host = hostAt(subject.address);
        absorbEndpoint(host, look, subject.port);
        return { address: subject.address, opened: [], closed: [], revived: look.outcome === "identified" && lived(host) };
      }
      return undefined;
    },

    restore(told) {
      // In the order in which they were seen: what a later look covered and found closed is closed.
      for (const [key, t] of [...told].sort(([, a], [, b]) => a.reportedAtMs - b.reportedAtMs)) {
        const look = parseLookKey(key);
        if (look !== undefined) restoreLook(look, t);
      }
    },

    forget: (address) => void hosts.delete(address),
  };
}
