/** net-snmp's agent, SNMP v2c, community "public". */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Product } from "../product.ts";
import { ready, start } from "../program.ts";
import expected from "./expected.json" with { type: "json" };

export const snmpd: Product = {
  name: "snmpd",
  address: "198.18.0.11",
  programs: ["snmpd"],
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
        "",
      ].join("\n"),
    );
    const running = start(host, "snmpd", ["-f", "-Lo", "-C", "-c", config, "-I", "-smux,-agentx"], {
      env: { SNMP_PERSISTENT_DIR: state, MIBS: "" },
    });
    return ready(running, ["udp/161"]);
  },
};
