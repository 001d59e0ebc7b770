import type { PersonaForm } from "../form.ts";
import { BASIC_DEVICE, guardedRtsp, ownCertificate, redirecting, secureLogin } from "./common.ts";

const minute = 60_000;

/** Clean at first; somebody switches its Telnet on. Its clock is 47 minutes behind. */
export const cameraTelnetLater: PersonaForm = {
  name: "camera-telnet-later",
  behavesLike: ["scottlamb/retina src/client/testdata/macrovideo_describe.txt", "busybox telnetd"],
  fieldFailure: "a device clock that drifts (home-assistant/core 121952)",
  host: 13,
  present: true,
  services: [
    { ...redirecting("lighttpd/1.4.35"), clockSkewMs: -47 * minute },
    { ...secureLogin("lighttpd/1.4.35", "Network Camera", ownCertificate("camera-telnet-later")), clockSkewMs: -47 * minute },
    guardedRtsp("RTSP Server", "Network Camera", ["/live/ch00_0"]),
  ],
  ssdp: {
    server: "Linux/3.4.35, UPnP/1.0, Portable SDK for UPnP devices/1.6.18",
    deviceType: BASIC_DEVICE,
    serviceTypes: [],
    descriptionPort: 80,
  },
  upnp: {
    friendlyName: "Macrine MV-2 Loading bay",
    manufacturer: "Macrine",
    manufacturerUrl: "http://macrine.example/",
    modelName: "MV-2",
    modelNumber: "MV-2",
    modelDescription: "Macrine MV-2 Network Camera",
  },
};
