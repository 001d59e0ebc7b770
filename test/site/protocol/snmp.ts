/** The SNMP agent of a device, on net-snmp's agent role: system group, interface table, engine id. RFC 3418, 2863, 3411 */
import snmp from "net-snmp";
import type { SnmpForm } from "../form.ts";
import { type Identity, linkAddress } from "../identity.ts";
import { freeUdpPort } from "../listener.ts";

const SYSTEM = "1.3.6.1.2.1.1";
const IF_ENTRY = "1.3.6.1.2.1.2.2.1";
const ENGINE = "1.3.6.1.6.3.10.2.1";

export interface SnmpAgent {
  readonly port: number;
  close(): Promise<void>;
}

const hex = (mac: string) => Buffer.from(mac.replaceAll(":", ""), "hex");

/** @throws PortError where no port of the form can be bound. */
export async function openSnmpAgent(
  form: SnmpForm,
  identity: Identity,
  address: string,
  startedAt: number,
  now: () => number,
): Promise<SnmpAgent> {
  const port = await freeUdpPort(address, form.ports);
  const agent = snmp.createAgent({ address, port, engineID: identity.engineId }, () => {});
  agent.getAuthorizer().addCommunity(form.community);
  const mib = agent.getMib();
  const readOnly = snmp.MaxAccess["read-only"];
  const scalar = (oid: string, type: number, value: unknown, handler?: (request: { done(): void }) => void) => {
    agent.registerProvider({
      name: oid,
      type: snmp.MibProviderType.Scalar,
      oid,
      scalarType: type,
      maxAccess: readOnly,
      ...(handler === undefined ? {} : { handler }),
    });
    mib.setScalarValue(oid, value);
  };
  const { OctetString, OID, Integer, TimeTicks } = snmp.ObjectType;
  scalar(`${SYSTEM}.1`, OctetString, form.description);
  scalar(`${SYSTEM}.2`, OID, form.objectId);
  const uptime = `${SYSTEM}.3`;
  scalar(uptime, TimeTicks, 0, (request) => {
    mib.setScalarValue(uptime, Math.floor((now() - startedAt) / 10));
    request.done();
  });
  scalar(`${SYSTEM}.4`, OctetString, "");
  scalar(`${SYSTEM}.5`, OctetString, form.name);
  scalar(`${SYSTEM}.6`, OctetString, form.location);
  scalar(`${SYSTEM}.7`, Integer, form.services);
  scalar(`${ENGINE}.1`, OctetString, Buffer.from(identity.engineId, "hex"));
  scalar("1.3.6.1.2.1.2.1", Integer, form.interfaces.length);
  const columns = [
    { number: 1, name: "ifIndex", type: Integer, maxAccess: readOnly },
    { number: 2, name: "ifDescr", type: OctetString, maxAccess: readOnly },
    { number: 3, name: "ifType", type: Integer, maxAccess: readOnly },
    { number: 6, name: "ifPhysAddress", type: OctetString, maxAccess: readOnly },
    { number: 8, name: "ifOperStatus", type: Integer, maxAccess: readOnly },
  ];
  agent.registerProvider({
    name: "ifEntry",
    type: snmp.MibProviderType.Table,
    oid: IF_ENTRY,
    maxAccess: snmp.MaxAccess["not-accessible"],
    tableColumns: columns,
    tableIndex: [{ columnName: "ifIndex" }],
  });
  for (const { index, name, type } of form.interfaces) {
    mib.addTableRow("ifEntry", [index, name, type, hex(linkAddress(identity.mac, index)), 1]);
  }
  return { port, close: () => new Promise((resolve) => agent.close(() => resolve())) };
}
