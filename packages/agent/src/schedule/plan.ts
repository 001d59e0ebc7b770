/** Which looks a host calls for. Pure: what is known and what holds → jobs; when they run is schedule.ts. */

import type { ProbeId } from "@vedette/proto";
import { COMMON_PORTS, GUARD_PORTS, PRESENCE_PORTS } from "@vedette/standard/registry";
import type { Standing } from "../policy.ts";
import type { Target } from "../probe/probe.ts";
import type { IntervalName } from "./interval.ts";
import { applicationOf, type OpenPort } from "./protocol.ts";
import type { KnownHost } from "./site.ts";

export interface Job {
  /** Same key, same look. */
  readonly key: string;
  readonly interval: IntervalName;
  readonly probe: ProbeId;
  readonly target: Target;
  readonly options: unknown;
  readonly variant?: string;
  /** Host whose turn it takes; "" for looks at the whole site. */
  readonly host: string;
  /** Takes many connections: one such look per host at a time, and short looks pass it by. */
  readonly long: boolean;
  readonly deadlineMs?: number;
}

/** 0 goes first. */
export const URGENCY: Readonly<Record<IntervalName | "asked", number>> = {
  asked: 0,
  presence: 1,
  guard: 2,
  certificate: 3,
  light: 4,
  wifi: 4,
  tls: 5,
  common: 6,
  discovery: 7,
  sweep: 8,
};

/** One answering endpoint says that a host is there; more than this many need not be asked. */
const PRESENCE_ENDPOINTS = 4;
/** Attempts at one address while searching for hosts, beside the ports that policy names. */
export const SEARCH_PORTS: readonly number[] = [...PRESENCE_PORTS, 23, 5000, 8000, 8080, 8443, 8554];
const SNMP_PORT = 161;
/** TCP ports outside the exclusion list, about. */
const SWEEP_PORTS = 65_535;

function job(interval: IntervalName, probe: ProbeId, target: Target, options: unknown, more: Partial<Job> = {}): Job {
  const key = [probe, more.variant ?? "", target.address, target.port].join(" ");
  return { key, interval, probe, target, options, host: target.address, long: false, ...more };
}

function allowed(standing: Standing, ports: Iterable<number>): number[] {
  return [...new Set(ports)].filter((p) => standing.scope.touches(p)).sort((a, b) => a - b);
}

interface PortLists {
  readonly guard: readonly number[];
  readonly common: readonly number[];
}

/** What every host of a standing shares: one list for a thousand hosts, not a thousand. */
const lists = new WeakMap<Standing, PortLists>();

function listsOf(standing: Standing): PortLists {
  const known = lists.get(standing);
  if (known !== undefined) return known;
  const hints = hinted(standing, "tcp");
  const made = { guard: allowed(standing, [...GUARD_PORTS, ...hints]), common: allowed(standing, [...COMMON_PORTS, ...hints]) };
  lists.set(standing, made);
  return made;
}

function withPorts(standing: Standing, list: readonly number[], more: Iterable<number>): readonly number[] {
  const own = [...more].filter((p) => !list.includes(p));
  return own.length === 0 ? list : allowed(standing, [...list, ...own]);
}

function hinted(standing: Standing, transport: "tcp" | "udp"): number[] {
  return standing.portHints.filter((h) => h.transport === transport).map((h) => h.port);
}

/** @param list as in TcpConnectPosture.list */
function portLook(
  interval: IntervalName,
  list: string,
  address: string,
  options: { readonly ports: readonly number[]; readonly firstBytesMs?: number },
  long = false,
): Job {
  return job(interval, "tcp.connect", { address, port: 0 }, { list, ...options }, { variant: list, long });
}

export function snmpPorts(standing: Standing): number[] {
  return [...new Set([SNMP_PORT, ...standing.portHints.filter((h) => h.protocol === "snmp").map((h) => h.port)])];
}

function portJobs({ address, announced, descriptions }: KnownHost, open: OpenPort, standing: Standing): Job[] {
  // A LOCATION is an http URL (UPnP Device Architecture 2.0, 1.2.2): where it leads needs no ClientHello to find out.
  const described = descriptions.has(open.port) ? ({ application: "http", rtspPaths: "" } as const) : undefined;
  const told = announced.get(open.port) ?? described;
  const target = {
    address,
    port: open.port,
    ...(told === undefined || told.rtspPaths === "" ? {} : { hints: { rtspPaths: told.rtspPaths } }),
  };
  const tls = (): Job[] => [job("certificate", "tls.certificate", target, {}), job("tls", "tls.handshake", target, {}, { long: true })];
  switch (applicationOf(open, standing.portHints, told?.application)) {
    case "http":
      return [job("light", "http.root", target, { tls: false })];
    case "https":
      return [...tls(), job("light", "http.root", target, { tls: true })];
    case "rtsp":
      return [job("light", "rtsp.describe", target, { tls: false })];
    case "rtsps":
      return [...tls(), job("light", "rtsp.describe", target, { tls: true })];
    case "tls":
      return tls();
    case "silent":
      // It waits to be spoken to: one ClientHello, and only where that gave no TLS, one GET.
      return [
        job("light", "tls.certificate", target, {}),
        ...(open.tls === false ? [job("light", "http.root", target, { tls: false })] : []),
      ];
    case "other":
      return [];
  }
}

/** Of a host that the scope allows. */
export function hostJobs(host: KnownHost, standing: Standing): Job[] {
  const { address } = host;
  const known = [...host.ports.keys()].sort((a, b) => a - b);
  const { guard, common } = listsOf(standing);
  const jobs: Job[] = [
    portLook("guard", "guard", address, { ports: withPorts(standing, guard, host.announced.keys()) }),
    portLook("common", "common", address, { ports: withPorts(standing, common, known) }, true),
    // Where it never answered, it is asked as rarely as a port that never opened.
    ...allowed(standing, snmpPorts(standing)).map((port) =>
      job(host.snmp.has(port) ? "light" : "common", "snmp.system", { address, port }, {}),
    ),
  ];
  for (const port of allowed(standing, host.snmp)) jobs.push(job("light", "snmp.topology", { address, port }, {}, { long: true }));
  if (known.length > 0)
    jobs.push(portLook("presence", "presence", address, { ports: allowed(standing, known).slice(0, PRESENCE_ENDPOINTS), firstBytesMs: 0 }));
  for (const [port, path] of host.descriptions) {
    jobs.push(job("light", "upnp.description", { address, port, hints: { path } }, {}));
  }
  for (const [port, { path, tls }] of host.onvif) {
    if (standing.scope.touches(port)) jobs.push(job("light", "onvif.device", { address, port, hints: { path } }, { tls }));
  }
  for (const open of host.ports.values()) {
    if (standing.scope.touches(open.port)) jobs.push(...portJobs(host, open, standing));
  }
  return jobs;
}

/** Every TCP port outside the exclusion list: the probe's own list, so that it knows whether it is whole. */
export function sweepJob(address: string, standing: Standing): Job {
  // Twice what the pace alone takes: filtered ports wait for their time-out.
  const deadlineMs = (SWEEP_PORTS / standing.budget.sweepHostPerSecond) * 2000;
  return job("sweep", "tcp.connect", { address, port: 0 }, { list: "full" }, { variant: "full", long: true, deadlineMs });
}

/** Looks at the site as a whole: searches by multicast on each interface in scope, and capture files. */
export function siteJobs(interfaces: readonly { readonly address: string }[], captures: readonly string[], standing: Standing): Job[] {
  const searches = interfaces.flatMap(({ address: via }) =>
    (["ssdp.search", "mdns.browse", "wsd.probe"] as const).map((probe) =>
      job("discovery", probe, { address: "", port: 0 }, { via }, { key: `${probe} ${via}`, host: "" }),
    ),
  );
  const files = captures.map((path) =>
    job("wifi", "wifi.bss", { address: path, port: 0 }, { radioScope: standing.radioScope }, { host: "" }),
  );
  return [...searches, ...files];
}
