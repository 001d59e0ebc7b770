import type { PersonaForm } from "../form.ts";
import { BASIC_DEVICE, guardedRtsp, ownCertificate, redirecting, secureLogin } from "./common.ts";

/** Gets another address by DHCP after a restart, with a new BOOTID, the same UDN and serial. */
export const cameraMoves: PersonaForm = {
  name: "camera-moves",
  behavesLike: ["FantasticFiasco/axis-discovery-ssdp tests", "scottlamb/retina src/client/testdata/reolink_describe.txt"],
  fieldFailure: "a moved or restarted camera becomes a duplicate (home-assistant/core 69661, orb-community/orb-agent 274)",
  host: 14,
  present: true,
  services: [
    redirecting("nginx/1.18.0"),
    secureLogin("nginx/1.18.0", "Network Camera", ownCertificate("camera-moves")),
    guardedRtsp("LIVE555 Streaming Media v2013.04.08", "LIVE555 Streaming Media", ["/h264Preview_01_main"]),
  ],
  ssdp: {
    server: "Linux/4.9.37, UPnP/1.0, Portable SDK for UPnP devices/1.6.22",
    deviceType: BASIC_DEVICE,
    serviceTypes: [],
    descriptionPort: 80,
  },
  upnp: {
    friendlyName: "Relay RL-410 Car park",
    manufacturer: "Relay Imaging",
    manufacturerUrl: "http://relay-imaging.example/",
    modelName: "RL-410",
    modelNumber: "RL-410",
    modelDescription: "Relay RL-410 Bullet Network Camera",
  },
};
