/** What the agent knows of its site while it runs: hosts, their open ports, where their descriptions are. Rebuilt from the outbox at a start. */
import { decodePosture, Outcome, type PostureOf } from "@vedette/proto";
import { type ParsedLook, parseLookKey } from "../look-key.ts";
import { MISSES_TOLD } from "../observe.ts";
import type { Told } from "../outbox/outbox.ts";
import { locationAt } from "../probe/ssdp/wire.ts";
import { deviceServiceAt, type WsdTarget } from "../probe/wsd/wire.ts";
import type { Look } from "../run.ts";
import type { OpenPort } from "./protocol.ts";

export interface KnownHost {
  readonly address: string;
  readonly ports: ReadonlyMap<number, OpenPort>;
  /** Port of a LOCATION on this host → its path and query. */
  readonly descriptions: ReadonlyMap<number, string>;
  /** Port of an ONVIF device service on this host → where it is. */
  readonly onvif: ReadonlyMap<number, DeviceService>;
  /** Ports that it announced, with what is said to answer there. */
  readonly announced: ReadonlyMap<number, Announced>;
  /** UDP ports at which an SNMP agent answered. */
  readonly snmp: ReadonlySet<number>;
  /** Presence looks in a row that no known endpoint answered. */
  readonly missed: number;
}

export interface Announced {
  readonly application: "http" | "https" | "rtsp";
  /** Paths of streams, separated by line feeds; "" where none was told. */
  readonly rtspPaths: string;
}

export interface DeviceService {
  readonly path: string;
  readonly tls: boolean;
}

/** What a look changed in what is known. */
export interface Learned {
  readonly address: string;
  readonly opened: readonly number[];
  readonly closed: readonly number[];
  /** It answered again after looks that it missed. */
  readonly revived: boolean;
  /** Another look may be called for: something is known that was not, or otherwise. */
  readonly isNews: boolean;
}

interface Mutable {
  address: string;
  ports: Map<number, OpenPort>;
  descriptions: Map<number, string>;
  onvif: Map<number, DeviceService>;
  announced: Map<number, Announced>;
  snmp: Set<number>;
  missed: number;
}

export interface Site {
  readonly hosts: ReadonlyMap<string, KnownHost>;
  /** @returns true where the host is new */
  note(address: string): boolean;
  /** @returns true where host or path are new */
  noteDescription(address: string, port: number, path: string): boolean;
  /** @returns true where host or service are new */
  noteService(address: string, port: number, announced: Announced): boolean;
  /** Takes in what a look found; nothing where it says nothing of a host. */
  absorb(look: Look): Learned | undefined;
  /** @returns the looks whose memory cannot be read: a damaged disk costs them, and the next look tells all again */
  restore(told: Iterable<readonly [look: string, told: Told]>): readonly string[];
  forget(address: string): void;
}

/** A host that has missed this many looks is left alone but for its presence. */
export function isSilent(host: Pick<KnownHost, "missed">): boolean {
  return host.missed >= MISSES_TOLD;
}

/** DNS-SD service types that a probe can look at. */
const APPLICATIONS: Readonly<Record<string, Announced["application"]>> = {
  "_rtsp._tcp": "rtsp",
  "_http._tcp": "http",
  "_axis-video._tcp": "http",
  "_https._tcp": "https",
};

/** Kept of a host: a recorder may have one for each channel. */
const MAX_DEVICE_SERVICES = 32;

interface PortFacts {
  readonly covered: readonly { readonly first: number; readonly last: number }[];
  readonly open: readonly { readonly port: number; readonly protocol: string }[];
}

function covers(ranges: readonly { first: number; last: number }[], port: number): boolean {
  return ranges.some((r) => r.first <= port && port <= r.last);
}

export function createSite(): Site {
  const hosts = new Map<string, Mutable>();

  function hostAt(address: string): Mutable {
    const known = hosts.get(address);
    if (known !== undefined) return known;
    const host: Mutable = {
      address,
      ports: new Map(),
      descriptions: new Map(),
      onvif: new Map(),
      announced: new Map(),
      snmp: new Set(),
      missed: 0,
    };
    hosts.set(address, host);
    return host;
  }

  function absorbPorts(host: Mutable, facts: PortFacts): { opened: number[]; closed: number[]; isNews: boolean } {
    const opened: number[] = [];
    let isNews = false;
    for (const { port, protocol } of facts.open) {
      const known = host.ports.get(port);
      // Presence looks do not wait for a banner: what was heard before stands.
      const banner = protocol === "" ? (known?.banner ?? "") : protocol;
      if (known === undefined) opened.push(port);
      if (known?.banner === banner) continue;
      isNews = true;
      host.ports.set(port, { ...known, port, banner });
    }
    const answering = new Set(facts.open.map((o) => o.port));
    const closed = [...host.ports.keys()].filter((p) => !answering.has(p) && covers(facts.covered, p));
    for (const port of closed) host.ports.delete(port);
    return { opened, closed, isNews: isNews || closed.length > 0 };
  }

  /** @returns true where that was not known */
  function mark(host: Mutable, port: number, what: "tls" | "http", answer: boolean): boolean {
    const known = host.ports.get(port);
    if (known === undefined || known[what] === answer) return false;
    host.ports.set(port, { ...known, [what]: answer });
    return true;
  }

  /** @returns true where it taught anything */
  function absorbEndpoint(host: Mutable, look: Pick<Look, "probe" | "outcome">, port: number): boolean {
    // A look that could not tell teaches nothing.
    const answer = look.outcome === "identified" ? true : look.outcome === "not-identified" ? false : undefined;
    if (answer === undefined) return false;
    if (look.probe === "tls.certificate" || look.probe === "tls.handshake") return mark(host, port, "tls", answer);
    if (look.probe === "http.root") return mark(host, port, "http", answer);
    if (look.probe !== "snmp.system" || !answer || host.snmp.has(port)) return false;
    host.snmp.add(port);
    return true;
  }

  /** One description a port, the same however the answers were ordered: a root device's where there is one. */
  function absorbDescriptions(
    host: Mutable,
    facts: { readonly services: readonly { readonly usn: string; readonly location: string }[] } | undefined,
  ): void {
    const services = facts?.services ?? [];
    const roots = services.filter((s) => s.usn.endsWith("::upnp:rootdevice"));
    const found = new Map<number, string>();
    for (const { location } of roots.length > 0 ? roots : services) {
      const at = locationAt(location, host.address);
      const known = at === undefined ? undefined : found.get(at.port);
      if (at !== undefined && (known === undefined || at.path < known)) found.set(at.port, at.path);
    }
    for (const [port, path] of found) host.descriptions.set(port, path);
  }

  function absorbTargets(host: Mutable, facts: { readonly targets: readonly WsdTarget[] }): void {
    for (const target of facts.targets) {
      const at = deviceServiceAt(target, host.address);
      if (at) noteDeviceService(host, at.port, { path: at.path, tls: at.tls });
    }
  }

  /** Who tells other ports with each answer is asked at the latest of them. */
  function noteDeviceService(host: Mutable, port: number, service: DeviceService): void {
    host.onvif.delete(port);
    host.onvif.set(port, service);
    const [oldest] = host.onvif.keys();
    if (host.onvif.size > MAX_DEVICE_SERVICES && oldest !== undefined) host.onvif.delete(oldest);
  }

  function absorbServices(
    host: Mutable,
    facts: { readonly services: readonly { readonly type: string; readonly port: number; readonly txt: readonly string[] }[] } | undefined,
  ): void {
    for (const { type, port, txt } of facts?.services ?? []) {
      const application = APPLICATIONS[type];
      if (application === undefined || port === 0) continue;
      const path = txt.find((t) => t.startsWith("path="))?.slice(5) ?? "";
      host.announced.set(port, { application, rtspPaths: application === "rtsp" ? path : "" });
    }
  }

  function lived(host: Mutable): boolean {
    const revived = host.missed > 0;
    host.missed = 0;
    return revived;
  }

  function restoreLook({ probe, variant, subject }: ParsedLook, t: Told): void {
    if (subject.kind === "host" && probe === "ssdp.search" && t.posture !== undefined) {
      absorbDescriptions(hostAt(subject.address), decodePosture(probe, t.posture));
    } else if (subject.kind === "host" && probe === "mdns.browse" && t.posture !== undefined) {
      absorbServices(hostAt(subject.address), decodePosture(probe, t.posture));
    } else if (subject.kind === "host" && probe === "wsd.probe" && t.posture !== undefined) {
      absorbTargets(hostAt(subject.address), decodePosture(probe, t.posture));
    } else if (subject.kind === "host" && probe === "tcp.connect") {
      if (t.outcome === Outcome.IDENTIFIED && t.posture !== undefined)
        absorbPorts(hostAt(subject.address), decodePosture("tcp.connect", t.posture));
      else if (t.outcome === Outcome.UNREACHABLE && variant === "presence") hostAt(subject.address).missed = t.repeats;
    } else if (subject.kind === "endpoint" && t.outcome === Outcome.IDENTIFIED && t.posture !== undefined) {
      const host = hostAt(subject.address);
      const { port } = subject;
      if (subject.transport === "tcp" && !host.ports.has(port)) host.ports.set(port, { port, banner: "" });
      if (probe === "upnp.description") host.descriptions.set(port, decodePosture("upnp.description", t.posture).locationPath);
      if (probe === "onvif.device") {
        const { path, tls } = decodePosture("onvif.device", t.posture);
        noteDeviceService(host, port, { path, tls });
      }
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

    noteService(address, port, announced) {
      const host = hostAt(address);
      const known = host.announced.get(port);
      host.announced.set(port, announced);
      return known === undefined || known.application !== announced.application;
    },

    absorb(look) {
      const { subject } = look;
      if (subject.kind === "host" && look.probe === "ssdp.search")
        absorbDescriptions(hostAt(subject.address), look.facts?.posture as PostureOf<"ssdp.search">);
      if (subject.kind === "host" && look.probe === "mdns.browse")
        absorbServices(hostAt(subject.address), look.facts?.posture as PostureOf<"mdns.browse">);
      if (subject.kind === "host" && look.probe === "wsd.probe")
        absorbTargets(hostAt(subject.address), look.facts?.posture as PostureOf<"wsd.probe">);
      // What a search heard asks for looks; it does not show that the host is alive.
      if (subject.kind === "host" && look.probe !== "tcp.connect")
        return { address: subject.address, opened: [], closed: [], revived: false, isNews: true };
      if (subject.kind === "host" && look.probe === "tcp.connect") {
        const posture = look.facts?.posture as PortFacts | undefined;
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
        const isNew = !hosts.has(subject.address);
        const host = hostAt(subject.address);
        const isNews = absorbEndpoint(host, look, subject.port) || isNew;
        return { address: subject.address, opened: [], closed: [], revived: look.outcome === "identified" && lived(host), isNews };
      }
      return undefined;
    },

    restore(told) {
      const unreadable: string[] = [];
      // In the order in which they were seen: what a later look covered and found closed is closed.
      for (const [key, t] of [...told].sort(([, a], [, b]) => a.reportedAtMs - b.reportedAtMs)) {
        const look = parseLookKey(key);
        if (look === undefined) continue;
        try {
          restoreLook(look, t);
        } catch {
          // Whatever the decoder has against the bytes.
          unreadable.push(key);
        }
      }
      return unreadable;
    },

    forget: (address) => void hosts.delete(address),
  };
}
