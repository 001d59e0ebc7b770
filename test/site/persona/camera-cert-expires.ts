import type { PersonaForm } from "../form.ts";
import { BASIC_DEVICE, guardedRtsp, ownCertificate, redirecting, secureLogin } from "./common.ts";

/** Its certificate ends while we look. */
export const cameraCertExpires: PersonaForm = {
  name: "camera-cert-expires",
  behavesLike: ["Kane610/axis tests/parameters/test_properties.py", "nabla-c0d3/sslyze tests self-signed.badssl.com.pem"],
  host: 16,
  present: true,
  services: [
    redirecting("Apache/2.4"),
    secureLogin("Apache/2.4", "Network Camera", ownCertificate("camera-cert-expires", { issuer: "site-authority", validity: "scripted" })),
    guardedRtsp("GStreamer RTSP server", "Camera", ["/media"]),
  ],
  ssdp: {
    server: "Linux/4.14, UPnP/1.0, Portable SDK for UPnP devices/1.8.4",
    deviceType: BASIC_DEVICE,
    serviceTypes: [],
    descriptionPort: 80,
  },
  upnp: {
    friendlyName: "Ardent P2 Reception",
    manufacturer: "Ardent Optics",
    manufacturerUrl: "http://ardent-optics.example/",
    modelName: "Ardent P2",
    modelNumber: "P2",
    modelDescription: "Ardent P2 Panoramic Network Camera",
  },
};
