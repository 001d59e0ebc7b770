/** The tables that say what hangs where, and how their rows become facts. The MIBs are named at SnmpTopologyPosture in facts.proto. */
import { arcsOf, type Row } from "./table.ts";
import { countOf, linkAddressOf, lldpIdOf, octetsOf, textOf } from "./value.ts";

/** Rows by index of one walked table. */
export type Rows = ReadonlyMap<string, Row>;

export interface Table {
  readonly name: TableName;
  readonly columns: readonly string[];
  /** Rows kept. */
  readonly max: number;
}

export type TableName = "address" | "bridge" | "forwarding" | "interface" | "lldp" | "lldp-port" | "pae" | "router";

const IF_ENTRY = "1.3.6.1.2.1.2.2.1";
const IF_X_ENTRY = "1.3.6.1.2.1.31.1.1.1";
const LLDP_LOCAL_PORT = "1.0.8802.1.1.2.1.3.7.1";
const LLDP_REMOTE = "1.0.8802.1.1.2.1.4.1.1";
const PAE_AUTHENTICATOR = "1.0.8802.1.1.1.1.2.1.1";
const NET_TO_MEDIA = "1.3.6.1.2.1.4.22.1";
const Q_BRIDGE_FDB = "1.3.6.1.2.1.17.7.1.2.2.1";
const BRIDGE_FDB = "1.3.6.1.2.1.17.4.3.1";

const C = {
  ifDescription: `${IF_ENTRY}.2`,
  ifOperStatus: `${IF_ENTRY}.8`,
  ifName: `${IF_X_ENTRY}.1`,
  ifAlias: `${IF_X_ENTRY}.18`,
  bridgeIfIndex: "1.3.6.1.2.1.17.1.4.1.2",
  pvid: "1.3.6.1.2.1.17.7.1.4.5.1.1",
  lldpLocalKind: `${LLDP_LOCAL_PORT}.2`,
  lldpLocalId: `${LLDP_LOCAL_PORT}.3`,
  lldpLocalDescription: `${LLDP_LOCAL_PORT}.4`,
  chassisSubtype: `${LLDP_REMOTE}.4`,
  chassisId: `${LLDP_REMOTE}.5`,
  portSubtype: `${LLDP_REMOTE}.6`,
  portId: `${LLDP_REMOTE}.7`,
  portDescription: `${LLDP_REMOTE}.8`,
  systemName: `${LLDP_REMOTE}.9`,
  systemDescription: `${LLDP_REMOTE}.10`,
  controlledStatus: `${PAE_AUTHENTICATOR}.5`,
  controlledControl: `${PAE_AUTHENTICATOR}.6`,
  ipForwarding: "1.3.6.1.2.1.4.1",
  bindingLink: `${NET_TO_MEDIA}.2`,
  bindingType: `${NET_TO_MEDIA}.4`,
  vlanFdbPort: `${Q_BRIDGE_FDB}.2`,
  vlanFdbStatus: `${Q_BRIDGE_FDB}.3`,
  fdbPort: `${BRIDGE_FDB}.2`,
  fdbStatus: `${BRIDGE_FDB}.3`,
} as const;

const REMOTE = [C.chassisSubtype, C.chassisId, C.portSubtype, C.portId, C.portDescription, C.systemName, C.systemDescription];

/** Those that tell whether there is anything to tell. */
export const BRIDGE: Table = { name: "bridge", columns: [C.bridgeIfIndex, C.pvid], max: 512 };
export const PAE: Table = { name: "pae", columns: [C.controlledStatus, C.controlledControl], max: 512 };
export const LLDP: Table = { name: "lldp", columns: REMOTE, max: 256 };
export const ROUTER: Table = { name: "router", columns: [C.ipForwarding], max: 1 };
/** Not asked of a mere host: what that remembers says only who talked to it of late. */
export const ADDRESS: Table = { name: "address", columns: [C.bindingLink, C.bindingType], max: 1_024 };
/** Asked for where those tell of ports. */
export const INTERFACE: Table = { name: "interface", columns: [C.ifName, C.ifDescription, C.ifAlias, C.ifOperStatus], max: 1_024 };
export const LLDP_PORT: Table = { name: "lldp-port", columns: [C.lldpLocalKind, C.lldpLocalId, C.lldpLocalDescription], max: 512 };
/** A switch with VLANs has the first; the second is of those without. */
export const FORWARDING: Table = { name: "forwarding", columns: [C.vlanFdbPort, C.vlanFdbStatus], max: 2_048 };
export const PLAIN_FORWARDING: Table = { name: "forwarding", columns: [C.fdbPort, C.fdbStatus], max: 2_048 };

interface Port {
  readonly ifIndex: number;
  readonly name: string;
  readonly alias: string;
  readonly operStatus?: number;
  readonly bridgePort?: number;
  readonly pvid?: number;
  readonly controlledPortStatus?: number;
  readonly controlledPortControl?: number;
}

/** Interfaces that are a bridge port or under 802.1X, by ifIndex. Where several bridge ports are one interface, the lowest. */
export function portsOf(bridge: Rows, pae: Rows, interfaces: Rows): Port[] {
  const byBridge = new Map<number, { bridgePort: number; pvid: number | undefined }>();
  for (const [index, row] of inOrder(bridge)) {
    const [bridgePort, ifIndex] = [arcsOf(index)?.[0], countOf(row.get(C.bridgeIfIndex))];
    if (bridgePort === undefined || ifIndex === undefined || byBridge.has(ifIndex)) continue;
    byBridge.set(ifIndex, { bridgePort, pvid: countOf(row.get(C.pvid)) });
  }
  const controlled = [...pae.keys()].map(Number).filter((n) => Number.isInteger(n));
  const all = [...new Set([...byBridge.keys(), ...controlled])].sort((a, b) => a - b);
  return all.map((ifIndex) => {
    const [row, authenticator, port] = [interfaces.get(String(ifIndex)), pae.get(String(ifIndex)), byBridge.get(ifIndex)];
    return {
      ifIndex,
      name: textOf(row?.get(C.ifName), 64) || textOf(row?.get(C.ifDescription), 64),
      alias: textOf(row?.get(C.ifAlias), 64),
      ...told("operStatus", countOf(row?.get(C.ifOperStatus))),
      ...told("bridgePort", port?.bridgePort),
      ...told("pvid", port?.pvid),
      ...told("controlledPortStatus", countOf(authenticator?.get(C.controlledStatus))),
      ...told("controlledPortControl", countOf(authenticator?.get(C.controlledControl))),
    };
  });
}

interface Neighbour {
  /** 0 where it is not told. */
  readonly localPort: number;
  readonly localPortId: string;
  readonly localPortDescription: string;
  readonly chassisIdSubtype: number;
  readonly chassisId: string;
  readonly portIdSubtype: number;
  readonly portId: string;
  readonly portDescription: string;
  readonly systemName: string;
  readonly systemDescription: string;
}

const CHASSIS_KIND = new Map([
  [4, "link"],
  [5, "network"],
] as const);
const PORT_KIND = new Map([
  [3, "link"],
  [4, "network"],
] as const);

export function neighboursOf(remote: Rows, local: Rows): Neighbour[] {
  const found = [...remote].map(([index, row]): Neighbour => {
    const localPort = localPortOf(index);
    const [chassis, port] = [countOf(row.get(C.chassisSubtype)) ?? 0, countOf(row.get(C.portSubtype)) ?? 0];
    const own = local.get(String(localPort));
    return {
      localPort,
      localPortId: lldpIdOf(octetsOf(own?.get(C.lldpLocalId)), kindIn(PORT_KIND, countOf(own?.get(C.lldpLocalKind)) ?? 0), 64),
      localPortDescription: textOf(own?.get(C.lldpLocalDescription), 64),
      chassisIdSubtype: chassis,
      chassisId: lldpIdOf(octetsOf(row.get(C.chassisId)), kindIn(CHASSIS_KIND, chassis), 128),
      portIdSubtype: port,
      portId: lldpIdOf(octetsOf(row.get(C.portId)), kindIn(PORT_KIND, port), 128),
      portDescription: textOf(row.get(C.portDescription), 64),
      systemName: textOf(row.get(C.systemName), 128),
      systemDescription: textOf(row.get(C.systemDescription), 255),
    };
  });
  const key = (n: Neighbour): string => [n.chassisId, n.portId, n.systemName].join("\n");
  return found.sort((a, b) => a.localPort - b.localPort || compare(key(a), key(b)));
}

/** lldpRemTimeMark, lldpRemLocalPortNum, lldpRemIndex. RouterOS and others leave out the first two: then nothing says at which port it is. */
function localPortOf(index: string): number {
  const arcs = arcsOf(index) ?? [];
  return arcs.length === 3 ? (arcs[1] ?? 0) : 0;
}

function kindIn(kinds: ReadonlyMap<number, "link" | "network">, subtype: number): "link" | "network" | "other" {
  return kinds.get(subtype) ?? "other";
}

interface Forwarded {
  readonly database: number;
  readonly linkAddress: string;
  readonly bridgePort: number;
}

/** dot1qTpFdbStatus, dot1dTpFdbStatus: 2 is no longer used, 4 is the switch itself. */
const GONE = 2;
const OWN = 4;

/** @param rows of either forwarding table: index is (database and) link address */
export function forwardingOf(rows: Rows): Forwarded[] {
  const found = [...rows].flatMap(([index, row]): Forwarded[] => {
    const arcs = arcsOf(index) ?? [];
    const address = arcs.slice(-6);
    const database = arcs.length === 7 ? (arcs[0] ?? 0) : 0;
    const port = countOf(row.get(C.vlanFdbPort)) ?? countOf(row.get(C.fdbPort)) ?? 0;
    const status = countOf(row.get(C.vlanFdbStatus)) ?? countOf(row.get(C.fdbStatus));
    // Port 0: learned, but not on which port.
    if ((arcs.length !== 6 && arcs.length !== 7) || !address.every(isOctet) || port === 0 || status === GONE || status === OWN) return [];
    return [{ database, linkAddress: linkAddressOf(Uint8Array.from(address)), bridgePort: port }];
  });
  return found.sort((a, b) => a.database - b.database || compare(a.linkAddress, b.linkAddress));
}

/** ipForwarding: 2 forwards no datagrams of others. */
const NOT_FORWARDING = 2;

/** False only where it is told. */
export function mayRoute(rows: Rows): boolean {
  return countOf(rows.get("0")?.get(C.ipForwarding)) !== NOT_FORWARDING;
}

interface Binding {
  readonly ifIndex: number;
  readonly address: string;
  readonly linkAddress: string;
}

/** ipNetToMediaType: 2 is withdrawn. */
const INVALID = 2;

export function bindingsOf(rows: Rows): Binding[] {
  const found = [...rows].flatMap(([index, row]): Binding[] => {
    const [ifIndex, ...address] = arcsOf(index) ?? [];
    const linkAddress = linkAddressOf(octetsOf(row.get(C.bindingLink)));
    const isBinding = ifIndex !== undefined && address.length === 4 && address.every(isOctet) && linkAddress !== "";
    if (!isBinding || countOf(row.get(C.bindingType)) === INVALID) return [];
    return [{ ifIndex, address: address.join("."), linkAddress }];
  });
  return found.sort((a, b) => a.ifIndex - b.ifIndex || compare(a.address, b.address));
}

function inOrder(rows: Rows): [string, Row][] {
  return [...rows].sort(([a], [b]) => (arcsOf(a)?.[0] ?? 0) - (arcsOf(b)?.[0] ?? 0));
}

function told<K extends string>(key: K, value: number | undefined): { readonly [P in K]?: number } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: number };
}

function isOctet(arc: number): boolean {
  return arc <= 255;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
