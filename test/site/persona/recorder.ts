import type { PersonaForm } from "../form.ts";
import { BASIC_DEVICE, guardedRtsp, ownCertificate, redirecting, secureLogin } from "./common.ts";

/** A network video recorder whose RTSP server describes something for every path, and whose command port nobody declared. */
export const recorder: PersonaForm = {
  name: "recorder",
  behavesLike: ["librenms/librenms tests/snmpsim/dahua-nvr.snmprec", "scottlamb/retina src/client/testdata/dahua_describe_h265_pcma.txt"],
  fieldFailure: "answers 200 to any path, which makes false open streams (Ullaakut/cameradar 369, 438)",
  host: 19,
  present: true,
  services: [
    redirecting("webserver"),
    secureLogin("webserver", "Network Video Recorder", ownCertificate("recorder")),
    { ...guardedRtsp("Rtsp Server/3.0", "recorder", []), authentication: "none", paths: "any", audio: true },
    { kind: "silent", ports: [8000, 18000] },
  ],
  ssdp: {
    server: "Linux/4.9, UPnP/1.0, Portable SDK for UPnP devices/1.6.22",
    deviceType: BASIC_DEVICE,
    serviceTypes: [],
    descriptionPort: 80,
  },
  upnp: {
    friendlyName: "Corvid NVR-408 Back office",
    manufacturer: "Corvid",
    manufacturerUrl: "http://corvid.example/",
    modelName: "NVR-408",
    modelNumber: "NVR-408",
    modelDescription: "Corvid NVR-408 Network Video Recorder",
  },
};
