/** The same values as net-snmp's own client reads them. */
import type { LabHost } from "../network.ts";
import { outputIn } from "../program.ts";

const SYSTEM = ".1.3.6.1.2.1.1";
const INTERFACES = ".1.3.6.1.2.1.2.2.1";
const ENGINE = ".1.3.6.1.6.3.10.2.1.1";

export interface Walked {
  readonly description: string;
  readonly objectId: string;
  readonly name: string;
  readonly location: string;
  readonly contact: string;
  readonly engineId: string;
  readonly interfaces: readonly { readonly index: number; readonly name: string; readonly physicalAddress: string }[];
}

export async function walk(from: LabHost, address: string): Promise<Walked> {
  const values = new Map<string, string>();
  for (const root of [SYSTEM, `${INTERFACES}.2`, `${INTERFACES}.6`, ENGINE]) {
    // -m "": no MIB gives values another form; -OnQ: OID = value.
    const text = await outputIn(from, "snmpbulkwalk", ["-v2c", "-c", "public", "-m", "", "-OnQ", address, root]);
    for (const [, oid = "", value = ""] of text.matchAll(/^(\.[\d.]+) = (.*)$/gm)) values.set(oid, value.replace(/^"(.*)"$/, "$1"));
  }
  const at = (oid: string): string => values.get(oid) ?? "";
  const hex = (oid: string): string => at(oid).trim().toLowerCase();
  const indices = [...values.keys()].filter((oid) => oid.startsWith(`${INTERFACES}.2.`)).map((oid) => Number(oid.split(".").at(-1)));
  return {
    description: at(`${SYSTEM}.1.0`),
    objectId: at(`${SYSTEM}.2.0`).replace(/^\./, ""),
    contact: at(`${SYSTEM}.4.0`),
    name: at(`${SYSTEM}.5.0`),
    location: at(`${SYSTEM}.6.0`),
    engineId: hex(`${ENGINE}.0`).replaceAll(" ", ""),
    interfaces: indices.map((index) => ({
      index,
      name: at(`${INTERFACES}.2.${index}`),
      physicalAddress: hex(`${INTERFACES}.6.${index}`).replaceAll(" ", ":"),
    })),
  };
}
