import type { PersonaForm } from "../form.ts";
import { BASIC_DEVICE, guardedRtsp, modernTls, ownCertificate, RTSPS, redirecting, secureLogin } from "./common.ts";

const certificate = ownCertificate("camera-good", { issuer: "site-authority" });

/** As good as a camera gets: HTTP only redirects, TLS 1.2 and 1.3, RTSP and RTSPS behind Digest. */
export const cameraGood: PersonaForm = {
  name: "camera-good",
  behavesLike: ["FantasticFiasco/axis-discovery-ssdp tests", "scottlamb/retina src/client/testdata/anpviz_sdp.txt"],
  host: 10,
  present: true,
  services: [
    redirecting("Apache"),
    secureLogin("Apache", "Network Camera", certificate),
    guardedRtsp("GStreamer RTSP server", "Camera", ["/media"]),
    { ...guardedRtsp("GStreamer RTSP server", "Camera", ["/media"]), ports: RTSPS, tls: modernTls(certificate) },
  ],
  ssdp: {
    server: "Linux/5.15, UPnP/1.0, Portable SDK for UPnP devices/1.14.12",
    deviceType: BASIC_DEVICE,
    serviceTypes: ["urn:ardent-optics:service:BasicService:1"],
    descriptionPort: 80,
  },
  upnp: {
    friendlyName: "Ardent D4 - Entrance",
    manufacturer: "Ardent Optics",
    manufacturerUrl: "http://ardent-optics.example/",
    modelName: "Ardent D4",
    modelNumber: "D4",
    modelDescription: "Ardent D4 Fixed Dome Network Camera",
  },
  mdns: {
    hostName: "ardent-d4-entrance",
    services: [
      { type: "_rtsp._tcp", instance: "Ardent D4 - Entrance", port: 554, txt: ["path=media"] },
      { type: "_https._tcp", instance: "Ardent D4 - Entrance", port: 443, txt: ["macaddress={mac}"] },
    ],
  },
};
