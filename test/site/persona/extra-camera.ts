import type { PersonaForm } from "../form.ts";
import { BASIC_DEVICE, DESCRIPTION_PATH, guardedRtsp, HTTP } from "./common.ts";

const FIRST_HOST = 40;

/** A plain camera without TLS, for sites larger than the named personas. */
export function extraCamera(number: number): PersonaForm {
  const name = `camera-extra-${number + 1}`;
  return {
    name,
    behavesLike: ["scottlamb/retina src/client/testdata/ipcam_describe.txt"],
    host: FIRST_HOST + number,
    present: true,
    services: [
      {
        kind: "http",
        ports: HTTP,
        server: "GoAhead-Webs",
        root: { kind: "challenge", scheme: "Digest", realm: "camera" },
        descriptionPath: DESCRIPTION_PATH,
      },
      guardedRtsp("RTSP Server", "camera", ["/live"]),
    ],
    ssdp: { server: "Linux/4.9, UPnP/1.0, MiniUPnPd/1.9", deviceType: BASIC_DEVICE, serviceTypes: [], descriptionPort: 80 },
    upnp: {
      friendlyName: `Grange GC-1 ${number + 1}`,
      manufacturer: "Grange",
      manufacturerUrl: "http://grange.example/",
      modelName: "GC-1",
      modelNumber: "GC-1",
      modelDescription: "Grange GC-1 Network Camera",
    },
  };
}
