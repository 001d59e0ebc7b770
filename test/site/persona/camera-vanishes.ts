import type { PersonaForm } from "../form.ts";
import { BASIC_DEVICE, guardedRtsp, ownCertificate, redirecting, secureLogin } from "./common.ts";

/** Somebody pulls its plug: no byebye. It also bears few connections, as small TLS stacks do. */
export const cameraVanishes: PersonaForm = {
  name: "camera-vanishes",
  behavesLike: ["scottlamb/retina src/client/testdata/ubiquiti_sdp.txt"],
  fieldFailure:
    "full cipher enumeration takes small servers down (prbinu/tls-scan 29): above its budget this one refuses everybody for a while",
  host: 15,
  present: true,
  fragileAbovePerSecond: 20,
  services: [
    redirecting("lighttpd"),
    secureLogin("lighttpd", "Network Camera", ownCertificate("camera-vanishes")),
    guardedRtsp("RTSP Server", "Network Camera", ["/s0"]),
  ],
  ssdp: { server: "Linux/4.19, UPnP/1.1, ssdp-responder/2.0", deviceType: BASIC_DEVICE, serviceTypes: [], descriptionPort: 80 },
  upnp: {
    friendlyName: "Umbra G3 Corridor",
    manufacturer: "Umbra",
    manufacturerUrl: "http://umbra.example/",
    modelName: "Umbra G3",
    modelNumber: "G3",
    modelDescription: "Umbra G3 Network Camera",
  },
};
