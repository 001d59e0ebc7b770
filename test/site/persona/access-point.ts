import type { PersonaForm } from "../form.ts";
import { SNMP } from "./common.ts";

const [ETHERNET, IEEE80211] = [6, 71] as const;
/** Push button, real and virtual. Wi-Fi Simple Configuration 2.0.8, table 33 */
const PUSH_BUTTON = 0x0280;

/** Tells its own BSSID by SNMP, so that the captured network is known to be its. WPA2 with a passphrase; WPS by button alone. */
export const accessPoint: PersonaForm = {
  name: "access-point",
  behavesLike: [
    "librenms/librenms tests/snmpsim/grandstream-ap_gwn7660.snmprec",
    "aircrack-ng/aircrack-ng test/wpa.cap",
    "hostapd with wps_state=2",
  ],
  host: 22,
  present: true,
  services: [],
  snmp: {
    ports: SNMP,
    community: "public",
    description: "Halden HA-240 Dual-Band Wireless Access Point",
    objectId: "1.3.6.1.4.1.32473.1.240",
    name: "ap-warehouse",
    location: "Warehouse",
    services: 2,
    interfaces: [
      { index: 1, name: "eth0", type: ETHERNET },
      { index: 2, name: "wlan0", type: IEEE80211 },
    ],
  },
  wifi: {
    ssid: "Site-Cameras",
    interfaceIndex: 2,
    channel: 6,
    groupCipher: "000fac04",
    pairwiseCiphers: ["000fac04"],
    akms: ["000fac02"],
    pmf: "capable",
    wps: { configMethods: PUSH_BUTTON, manufacturer: "Halden", modelName: "HA-240" },
  },
};
