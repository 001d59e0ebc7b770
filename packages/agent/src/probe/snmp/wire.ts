/** What SNMP variables say: net-snmp decodes the bytes, this reads the values. RFC 3418, RFC 2863, RFC 3411. */
import snmp, { type Varbind } from "net-snmp";
import { linkAddressOf, octetsOf, textOf } from "./value.ts";

export const SYSTEM = {
  description: "1.3.6.1.2.1.1.1.0",
  objectId: "1.3.6.1.2.1.1.2.0",
  uptime: "1.3.6.1.2.1.1.3.0",
  contact: "1.3.6.1.2.1.1.4.0",
  name: "1.3.6.1.2.1.1.5.0",
  location: "1.3.6.1.2.1.1.6.0",
  engineId: "1.3.6.1.6.3.10.2.1.1.0",
} as const;

const IF_DESCRIPTION = "1.3.6.1.2.1.2.2.1.2";
const IF_PHYSICAL_ADDRESS = "1.3.6.1.2.1.2.2.1.6";
export const IF_COLUMNS: readonly string[] = [IF_DESCRIPTION, IF_PHYSICAL_ADDRESS];

export interface System {
  readonly description: string;
  readonly objectId: string;
  readonly contact: string;
  readonly name: string;
  readonly location: string;
  /** Lower-case hex, 5 to 32 octets. */
  readonly engineId?: string;
  readonly uptimeCs?: number;
}

export interface Interface {
  readonly name: string;
  /** "00:11:22:33:44:55", or "". */
  readonly physicalAddress: string;
}

export function readSystem(varbinds: readonly Varbind[]): System {
  const at = (oid: string): Varbind | undefined => varbinds.find((v) => v.oid === oid);
  const [objectId, engine, uptime] = [at(SYSTEM.objectId)?.value, octetsOf(at(SYSTEM.engineId)), at(SYSTEM.uptime)?.value];
  return {
    description: textOf(at(SYSTEM.description), 255),
    objectId: typeof objectId === "string" && /^\d+(\.\d+){1,127}$/.test(objectId) ? objectId : "",
    contact: textOf(at(SYSTEM.contact), 255),
    name: textOf(at(SYSTEM.name), 255),
    location: textOf(at(SYSTEM.location), 255),
    ...(engine && engine.length >= 5 && engine.length <= 32 ? { engineId: engine.toString("hex") } : {}),
    ...(typeof uptime === "number" && Number.isFinite(uptime) && uptime >= 0 ? { uptimeCs: uptime } : {}),
  };
}

/** A walk of the interface columns, one answer after the other. */
export class InterfaceWalk {
  readonly rows = new Map<number, Interface>();
  readonly #max: number;
  #full = false;
  #next: readonly string[] = IF_COLUMNS;

  constructor(max: number) {
    this.#max = max;
  }

  /** What to ask for now; empty at the end of both columns. */
  get next(): readonly string[] {
    return this.#next;
  }

  /** True where there were more interfaces than are kept. */
  get full(): boolean {
    return this.#full;
  }

  /** Takes one answer; columns in which an agent does not move on are at their end. */
  take(varbinds: readonly Varbind[]): void {
    const last = new Map<string, number>();
    for (const varbind of varbinds) {
      const column = IF_COLUMNS.find((c) => varbind.oid.startsWith(`${c}.`));
      const index = column === undefined ? Number.NaN : Number(varbind.oid.slice(column.length + 1));
      if (column === undefined || !Number.isInteger(index) || index < 0 || index > 0x7fff_ffff || isAbsent(varbind)) continue;
      last.set(column, Math.max(last.get(column) ?? -1, index));
      if (this.rows.size >= this.#max && !this.rows.has(index)) this.#full = true;
      else this.#keep(column, index, varbind);
    }
    const asked = new Map(this.#next.map((oid) => [IF_COLUMNS.find((c) => oid === c || oid.startsWith(`${c}.`)), oid]));
    this.#next = [...last]
      .filter(([column, index]) => index > indexIn(column, asked.get(column) ?? ""))
      .map(([column, index]) => `${column}.${index}`);
  }

  #keep(column: string, index: number, varbind: Varbind): void {
    const row = this.rows.get(index) ?? { name: "", physicalAddress: "" };
    const physicalAddress = linkAddressOf(octetsOf(varbind));
    this.rows.set(index, column === IF_DESCRIPTION ? { ...row, name: textOf(varbind, 64) } : { ...row, physicalAddress });
  }
}

/** -1 for the column itself; beyond every index where the column was not asked for. */
function indexIn(column: string, oid: string): number {
  if (oid === "") return Number.POSITIVE_INFINITY;
  return oid === column ? -1 : Number(oid.slice(column.length + 1));
}

/** noSuchObject, noSuchInstance, endOfMibView. */
function isAbsent(varbind: Varbind): boolean {
  return snmp.isVarbindError(varbind);
}
