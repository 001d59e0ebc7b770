/** net-snmp's agent, SNMP v2c, community "public": a switch with two ports that routes. Its own are system group, interfaces and neighbour cache; the tables of a switch stand in its configuration. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Product } from "../product.ts";
import { outputIn, ready, start } from "../program.ts";
import expected from "./expected.json" with { type: "json" };

const BRIDGE = ".1.3.6.1.2.1.17";
const PAE = ".1.0.8802.1.1.1.1.2.1.1";
const LLDP = ".1.0.8802.1.1.2.1";
/** BRIDGE-MIB and Q-BRIDGE-MIB, IEEE8021-PAE-MIB, LLDP-MIB: port 2 leads to a camera that 802.1X let in. */
const TABLES = [
  [`${BRIDGE}.1.4.1.2.1`, "integer", "101"],
  [`${BRIDGE}.1.4.1.2.2`, "integer", "102"],
  [`${BRIDGE}.7.1.4.5.1.1.1`, "uinteger", "1"],
  [`${BRIDGE}.7.1.4.5.1.1.2`, "uinteger", "20"],
  [`${BRIDGE}.7.1.2.2.1.2.20.0.64.140.18.52.86`, "integer", "2"],
  [`${BRIDGE}.7.1.2.2.1.3.20.0.64.140.18.52.86`, "integer", "3"],
  [`${BRIDGE}.7.1.2.2.1.2.20.0.64.140.18.52.87`, "integer", "1"],
  [`${BRIDGE}.7.1.2.2.1.3.20.0.64.140.18.52.87`, "integer", "4"],
  [`${PAE}.5.102`, "integer", "1"],
  [`${PAE}.6.102`, "integer", "2"],
  [`${LLDP}.3.7.1.2.2`, "integer", "5"],
  [`${LLDP}.3.7.1.3.2`, "octet_str", "Gi0/02"],
  [`${LLDP}.4.1.1.4.7.2.1`, "integer", "4"],
  [`${LLDP}.4.1.1.5.7.2.1`, "octet_str", "0x00408c123456"],
  [`${LLDP}.4.1.1.6.7.2.1`, "integer", "3"],
  [`${LLDP}.4.1.1.7.7.2.1`, "octet_str", "0x00408c123456"],
  [`${LLDP}.4.1.1.9.7.2.1`, "octet_str", "gate-north"],
].map((row) => ["override", ...row].join(" "));

export const snmpd: Product = {
  name: "snmpd",
  address: "198.18.0.11",
  programs: ["snmpd", "sysctl"],
  expected,
  async start(host, folder) {
    const config = join(folder, "snmpd.conf");
    const state = join(folder, "state");
    await mkdir(state);
    await writeFile(
      config,
      [
        `agentAddress udp:${host.address}:161`,
        "rocommunity public",
        "engineID lab-switch",
        "sysDescr Vedette lab switch, 8 ports",
        "sysObjectID .1.3.6.1.4.1.8072.3.2.10",
        "sysName lab-switch",
        "sysLocation rack 1, unit 12",
        "sysContact lab@lab.test",
        ...TABLES,
        "",
      ].join("\n"),
    );
    await outputIn(host, "sysctl", ["-q", "-w", "net.ipv4.ip_forward=1"]);
    const running = start(host, "snmpd", ["-f", "-Lo", "-C", "-c", config, "-I", "-smux,-agentx"], {
      env: { SNMP_PERSISTENT_DIR: state, MIBS: "" },
    });
    return ready(running, ["udp/161"]);
  },
};
