import fc from "fast-check";
import snmp, { type Varbind } from "net-snmp";
import { describe, expect, test } from "vitest";
import { arcsOf, TableWalk } from "./table.ts";
import {
  ADDRESS,
  BRIDGE,
  bindingsOf,
  FORWARDING,
  forwardingOf,
  INTERFACE,
  LLDP,
  LLDP_PORT,
  neighboursOf,
  PAE,
  PLAIN_FORWARDING,
  portsOf,
  type Table,
} from "./topology.ts";
import { lldpIdOf } from "./value.ts";

const RUNS = { numRuns: 1000 };
const { Integer, OctetString, EndOfMibView } = snmp.ObjectType;
const number = (oid: string, value: number): Varbind => ({ oid, type: Integer, value }) as Varbind;
const octets = (oid: string, value: Buffer | string): Varbind => ({ oid, type: OctetString, value: Buffer.from(value) }) as Varbind;
const MAC = Buffer.from("0002b3c4d5e6", "hex");

/** Every row of a table in one answer. */
function rowsOf(table: Table, varbinds: readonly Varbind[]) {
  const walk = new TableWalk(table.columns, table.max);
  walk.take(varbinds);
  return walk.rows;
}

describe("facts", () => {
  test("bridge ports and ports under 802.1X, with the names of their interfaces", () => {
    const [ifIndex = "", pvid = ""] = BRIDGE.columns;
    const [status = "", control = ""] = PAE.columns;
    const [name = "", description = "", alias = "", oper = ""] = INTERFACE.columns;
    const ports = portsOf(
      rowsOf(BRIDGE, [number(`${ifIndex}.2`, 1002), number(`${ifIndex}.1`, 1001), number(`${ifIndex}.9`, 1002), number(`${pvid}.1`, 20)]),
      rowsOf(PAE, [number(`${status}.1003`, 2), number(`${control}.1003`, 2)]),
      rowsOf(INTERFACE, [
        octets(`${name}.1001`, "Gi1"),
        octets(`${description}.1002`, "GigabitEthernet2"),
        octets(`${alias}.1001`, "north gate"),
        number(`${oper}.1001`, 1),
      ]),
    );
    expect(ports).toEqual([
      { ifIndex: 1001, name: "Gi1", alias: "north gate", operStatus: 1, bridgePort: 1, pvid: 20 },
      { ifIndex: 1002, name: "GigabitEthernet2", alias: "", bridgePort: 2 },
      { ifIndex: 1003, name: "", alias: "", controlledPortStatus: 2, controlledPortControl: 2 },
    ]);
  });

  test("neighbours by local port, their ids by subtype; an index of another shape tells no port", () => {
    const [chassisKind = "", chassis = "", portKind = "", port = "", , system = ""] = LLDP.columns;
    const [localKind = "", localId = ""] = LLDP_PORT.columns;
    const at = (index: string): Varbind[] => [
      number(`${chassisKind}.${index}`, 4),
      octets(`${chassis}.${index}`, MAC),
      number(`${portKind}.${index}`, 5),
      octets(`${port}.${index}`, "eth0"),
      octets(`${system}.${index}`, "axis"),
    ];
    const found = neighboursOf(
      rowsOf(LLDP, [...at("7.12.1"), ...at("9.3.1"), ...at("3.1"), ...at("1.2.3.4")]),
      rowsOf(LLDP_PORT, [octets(`${localId}.3`, "Gi0/12"), number(`${localKind}.12`, 3), octets(`${localId}.12`, MAC)]),
    );
    expect(found.map((n) => n.localPort)).toEqual([0, 0, 3, 12]);
    expect(found[2]).toMatchObject({
      localPort: 3,
      localPortId: "Gi0/12",
      chassisId: "00:02:b3:c4:d5:e6",
      portId: "eth0",
      systemName: "axis",
    });
    expect(found[3]).toMatchObject({ localPort: 12, localPortId: "00:02:b3:c4:d5:e6" });
  });

  test("addresses that were learned or set, not those that ended, are the switch's own, or on no known port", () => {
    const [port = "", status = ""] = FORWARDING.columns;
    const one = (index: string, at: number, how: number): Varbind[] => [number(`${port}.${index}`, at), number(`${status}.${index}`, how)];
    const rows = rowsOf(FORWARDING, [
      ...one("20.0.2.179.196.213.230", 3, 3),
      ...one("10.0.2.179.196.213.230", 4, 5),
      ...one("10.0.2.179.196.213.231", 3, 2),
      ...one("10.0.2.179.196.213.232", 3, 4),
      ...one("10.0.2.179.196.213.233", 0, 3),
      ...one("10.0.2.179.196.213.999", 3, 3),
      ...one("10.0.2.179", 3, 3),
    ]);
    expect(forwardingOf(rows)).toEqual([
      { database: 10, linkAddress: "00:02:b3:c4:d5:e6", bridgePort: 4 },
      { database: 20, linkAddress: "00:02:b3:c4:d5:e6", bridgePort: 3 },
    ]);
    const [plain = ""] = PLAIN_FORWARDING.columns;
    expect(forwardingOf(rowsOf(PLAIN_FORWARDING, [number(`${plain}.0.2.179.196.213.230`, 9)]))).toEqual([
      { database: 0, linkAddress: "00:02:b3:c4:d5:e6", bridgePort: 9 },
    ]);
  });

  test("bindings of IPv4 to link addresses, not the withdrawn", () => {
    const [link = "", type = ""] = ADDRESS.columns;
    const rows = rowsOf(ADDRESS, [
      octets(`${link}.2.198.18.0.9`, MAC),
      octets(`${link}.2.198.18.0.8`, MAC),
      number(`${type}.2.198.18.0.8`, 2),
      octets(`${link}.2.198.18.0.7`, ""),
      octets(`${link}.2.198.18.0`, MAC),
    ]);
    expect(bindingsOf(rows)).toEqual([{ ifIndex: 2, address: "198.18.0.9", linkAddress: "00:02:b3:c4:d5:e6" }]);
  });

  test.each([
    ["link", "0002b3c4d5e6", "00:02:b3:c4:d5:e6"],
    ["network", "010a382071", "10.56.32.113"],
    ["network", "02ff", "02ff"],
    ["other", "4769302f31", "Gi0/1"],
    ["other", "00ff10", "00ff10"],
  ] as const)("an LLDP id by its kind: %s %s", (kind, hex, expected) => {
    expect(lldpIdOf(Buffer.from(hex, "hex"), kind, 128)).toBe(expected);
  });
});

describe("walk", () => {
  const [column = "", other = ""] = BRIDGE.columns;

  test("goes on behind the last row of each column, and ends where an agent does not move on or leaves the column", () => {
    const walk = new TableWalk([column, other], 10);
    walk.take([number(`${column}.1`, 1), number(`${other}.1`, 1), number(`${column}.10`, 1), number("1.3.6.1.9.9", 1)]);
    expect(walk.next).toEqual([`${column}.10`, `${other}.1`]);
    walk.take([number(`${column}.9`, 1), number(`${other}.2`, 1)]);
    expect(walk.next).toEqual([`${other}.2`]);
    walk.take([{ oid: `${other}.2`, type: EndOfMibView, value: null } as unknown as Varbind]);
    expect(walk.next).toEqual([]);
    expect([...walk.rows.keys()]).toEqual(["1", "10", "9", "2"]);
  });

  test("keeps no more rows than it may, and says so", () => {
    const walk = new TableWalk([column], 2);
    walk.take([1, 2, 3].map((n) => number(`${column}.${n}`, n)));
    expect([walk.rows.size, walk.full]).toEqual([2, true]);
  });
});

const TABLES = [BRIDGE, PAE, LLDP, ADDRESS, INTERFACE, LLDP_PORT, FORWARDING, PLAIN_FORWARDING];
const value = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((b) => Buffer.from(b)),
  fc.double(),
  fc.nat(5),
  fc.string(),
  fc.constant(undefined),
);
const index = fc.oneof(
  fc.array(fc.oneof(fc.nat(300), fc.nat(), fc.constant(-1), fc.double()), { maxLength: 10 }).map((arcs) => arcs.join(".")),
  fc.string({ maxLength: 20 }),
);
const varbind = fc
  .record({ column: fc.constantFrom(...TABLES.flatMap((t) => t.columns)), index, type: fc.nat(255), value })
  .map(({ column, index: behind, type, value: v }): Varbind => ({ oid: `${column}.${behind}`, type, value: v }) as Varbind);

test("any variables give bounded and sorted facts, and a walk moves on or ends", () => {
  fc.assert(
    fc.property(fc.array(fc.array(varbind, { maxLength: 30 }), { maxLength: 6 }), (answers) => {
      const [bridge, pae, lldp, address, interfaces, local, forwarding] = TABLES.map((table) => {
        const walk = new TableWalk(table.columns, 8);
        for (const answer of answers) {
          const before = walk.next;
          walk.take(answer);
          expect(walk.rows.size).toBeLessThanOrEqual(8);
          for (const oid of walk.next) expect(before).not.toContain(oid);
        }
        return walk.rows;
      });
      if (!bridge || !pae || !lldp || !address || !interfaces || !local || !forwarding) throw new Error("a table is missing");
      const ports = portsOf(bridge, pae, interfaces).map((p) => p.ifIndex);
      expect(ports).toEqual([...new Set(ports)].sort((a, b) => a - b));
      for (const n of neighboursOf(lldp, local))
        expect(n.chassisId.length + n.portId.length + n.systemName.length).toBeLessThanOrEqual(384);
      for (const f of forwardingOf(forwarding)) expect(f.linkAddress).toMatch(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
      for (const b of bindingsOf(address)) expect(b.linkAddress).toMatch(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
    }),
    RUNS,
  );
});

test("arcs are whole numbers of 32 bits", () => {
  expect(arcsOf("1.2.4294967295")).toEqual([1, 2, 4_294_967_295]);
  for (const bad of ["", "1..2", "-1", "1.5e3x", "4294967296", "a", Array.from({ length: 200 }, () => "1").join(".")])
    expect(arcsOf(bad)).toBeUndefined();
});
