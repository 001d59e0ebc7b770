import type { PersonaForm } from "../form.ts";
import { BASIC_DEVICE, guardedRtsp, ownCertificate, redirecting, secureLogin } from "./common.ts";

/** One of two units of a model whose maker burnt one serial number into all of them. They are two devices. */
function unit(letter: "a" | "b", host: number, place: string): PersonaForm {
  const name = `camera-same-serial-${letter}`;
  return {
    name,
    behavesLike: ["scottlamb/retina src/client/testdata/anjvision_describe.txt"],
    fieldFailure: "every unit of a model carries one serial (edgexfoundry/device-onvif-camera 2)",
    host,
    present: true,
    serialOf: "camera-same-serial",
    services: [
      redirecting("uc-httpd 1.0.0"),
      secureLogin("uc-httpd 1.0.0", "Network Camera", ownCertificate(name)),
      guardedRtsp("H264DVR 1.0", "surveillance", ["/stream0", "/stream1"]),
    ],
    ssdp: { server: "Linux/3.10, UPnP/1.0, MiniUPnPd/1.8", deviceType: BASIC_DEVICE, serviceTypes: [], descriptionPort: 80 },
    upnp: {
      friendlyName: `Anvil AJ-1080 ${place}`,
      manufacturer: "Anvil Vision",
      manufacturerUrl: "http://anvil-vision.example/",
      modelName: "AJ-1080",
      modelNumber: "AJ-1080",
      modelDescription: "Anvil AJ-1080 Network Camera",
    },
  };
}

export const cameraSameSerialA = unit("a", 17, "Hall north");
export const cameraSameSerialB = unit("b", 18, "Hall south");
