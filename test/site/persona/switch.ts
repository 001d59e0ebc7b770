import type { PersonaForm } from "../form.ts";
import { SNMP } from "./common.ts";

const GIGABIT_ETHERNET = 6;

/** The switch that the cameras hang on: SNMP with the default community. */
export const networkSwitch: PersonaForm = {
  name: "switch",
  behavesLike: ["librenms/librenms tests/snmpsim/tplink_sg2008.snmprec", "librenms/librenms tests/snmpsim/ciscosb_sg350-10.snmprec"],
  host: 21,
  present: true,
  services: [],
  snmp: {
    ports: SNMP,
    community: "public",
    description: "Halden HS-8 8-Port Gigabit Managed Switch",
    objectId: "1.3.6.1.4.1.32473.1.8",
    name: "switch-floor-1",
    location: "Floor 1 cabinet",
    services: 2,
    interfaces: Array.from({ length: 8 }, (_, at) => ({ index: at + 1, name: `port ${at + 1}: Gigabit Copper`, type: GIGABIT_ETHERNET })),
  },
};
