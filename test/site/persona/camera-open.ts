import type { PersonaForm } from "../form.ts";
import { BASIC_DEVICE, DESCRIPTION_PATH, guardedRtsp, HTTP } from "./common.ts";

/** Shows its picture to anybody: DESCRIBE without a login, and Basic over cleartext for the rest. */
export const cameraOpen: PersonaForm = {
  name: "camera-open",
  behavesLike: [
    "scottlamb/retina src/client/testdata/dahua_describe_h264_aac_onvif.txt",
    "scottlamb/retina src/client/testdata/dahua_options.txt",
  ],
  fieldFailure: "DESCRIBE answered without authentication: the open stream that scanners look for",
  host: 11,
  present: true,
  services: [
    {
      kind: "http",
      ports: HTTP,
      server: "Boa/0.94.14rc21",
      root: { kind: "challenge", scheme: "Basic", realm: "index.html" },
      descriptionPath: DESCRIPTION_PATH,
    },
    {
      ...guardedRtsp("Rtsp Server/3.0", "open", ["/cam/realmonitor", "/live"]),
      authentication: "none",
      audio: true,
    },
  ],
  ssdp: { server: "Linux/2.6.35, UPnP/1.0, MiniUPnPd/1.4", deviceType: BASIC_DEVICE, serviceTypes: [], descriptionPort: 80 },
  upnp: {
    friendlyName: "Corvid IPC-20 Yard",
    manufacturer: "Corvid",
    manufacturerUrl: "http://corvid.example/",
    modelName: "IPC-20",
    modelNumber: "IPC-20",
    modelDescription: "Corvid IPC-20 IP Camera",
  },
};
