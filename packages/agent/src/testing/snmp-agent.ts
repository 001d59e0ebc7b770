/** A real SNMP agent (net-snmp's own codec) on loopback that serves the system group and interfaces of a recording in snmprec form. */
import snmp from "net-snmp";

export interface RecordedAgent {
  readonly port: number;
  close(): void;
}

/** `1.3.6.1.2.1.1.1.0|4|text` or `...|4x|hex`. */
export function parseRecording(text: string): Map<string, { type: string; value: string }> {
  const rows = new Map<string, { type: string; value: string }>();
  for (const line of text.split("\n")) {
    const [oid, type, ...value] = line.split("|");
    if (oid && type) rows.set(oid, { type, value: value.join("|") });
  }
  return rows;
}

const IF_ENTRY = "1.3.6.1.2.1.2.2.1";
const SCALARS: readonly [string, string, number][] = [
  ["sysDescr", "1.3.6.1.2.1.1.1", snmp.ObjectType.OctetString],
  ["sysObjectID", "1.3.6.1.2.1.1.2", snmp.ObjectType.OID],
  ["sysUpTime", "1.3.6.1.2.1.1.3", snmp.ObjectType.TimeTicks],
  ["sysName", "1.3.6.1.2.1.1.5", snmp.ObjectType.OctetString],
  ["snmpEngineID", "1.3.6.1.6.3.10.2.1.1", snmp.ObjectType.OctetString],
];

export async function serveRecording(rows: ReturnType<typeof parseRecording>, address: string, port: number): Promise<RecordedAgent> {
  const agent = snmp.createAgent({ port, address, disableAuthorization: true } as never, () => undefined);
  const mib = agent.getMib();
  for (const [name, oid, type] of SCALARS) {
    const row = rows.get(`${oid}.0`);
    if (!row) continue;
    mib.registerProvider({ name, type: snmp.MibProviderType.Scalar, oid, scalarType: type, maxAccess: snmp.MaxAccess["read-only"] });
    mib.setScalarValue(name, type === snmp.ObjectType.TimeTicks ? Number(row.value) : octetsOf(row));
  }
  const text = { type: snmp.ObjectType.OctetString, maxAccess: snmp.MaxAccess["read-only"] };
  mib.registerProvider({
    name: "ifEntry",
    type: snmp.MibProviderType.Table,
    oid: IF_ENTRY,
    maxAccess: snmp.MaxAccess["not-accessible"],
    tableColumns: [
      { number: 1, name: "ifIndex", type: snmp.ObjectType.Integer, maxAccess: snmp.MaxAccess["read-only"] },
      { number: 2, name: "ifDescr", ...text },
      { number: 6, name: "ifPhysAddress", ...text },
    ],
    tableIndex: [{ columnName: "ifIndex" }],
  } as never);
  for (const index of interfaceIndexes(rows)) {
    const column = (n: number) => octetsOf(rows.get(`${IF_ENTRY}.${n}.${index}`) ?? { type: "4", value: "" });
    mib.addTableRow("ifEntry", [index, column(2), column(6)]);
  }
  return { port, close: () => agent.close() };
}

export function interfaceIndexes(rows: ReturnType<typeof parseRecording>): number[] {
  const found = new Set<number>();
  for (const oid of rows.keys()) {
    const [column, index] = oid.startsWith(`${IF_ENTRY}.`) ? oid.slice(IF_ENTRY.length + 1).split(".") : [];
    if ((column === "2" || column === "6") && index) found.add(Number(index));
  }
  return [...found].sort((a, b) => a - b);
}

export function octetsOf(row: { type: string; value: string }): string | Buffer {
  return row.type === "4x" ? Buffer.from(row.value, "hex") : row.value;
}
