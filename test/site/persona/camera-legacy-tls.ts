import type { PersonaForm } from "../form.ts";
import { BASIC_DEVICE, guardedRtsp, HTTPS, ownCertificate, redirecting } from "./common.ts";

/** TLS of 2008: TLS 1.0, RSA key exchange, DHE with 1024 bits, AES-128 at most, and an RSA-1024 certificate long over. */
export const cameraLegacyTls: PersonaForm = {
  name: "camera-legacy-tls",
  behavesLike: [
    "agsh/onvif __tests__/happytime-onvif-server/cert.pem",
    "gopacket layers/tls_test.go (TLS 1.0 record)",
    "nginx with ssl_protocols TLSv1",
  ],
  fieldFailure: "weak DH makes scanners give up on the worst device (nabla-c0d3/sslyze 432); a self-signed certificate that expired",
  host: 12,
  present: true,
  services: [
    redirecting("mini_httpd/1.19 19dec2003"),
    {
      kind: "http",
      ports: HTTPS,
      server: "mini_httpd/1.19 19dec2003",
      root: { kind: "page", title: "IP Camera", login: true },
      tls: {
        minVersion: "TLSv1",
        maxVersion: "TLSv1.2",
        ciphers: "AES128-SHA:DHE-RSA-AES128-SHA:AES128-SHA256:@SECLEVEL=0",
        weakDh: true,
        certificate: ownCertificate("camera-legacy-tls", { key: "rsa-1024", digest: "sha1", validity: "expired" }),
      },
    },
    guardedRtsp("RTSP Server", "IP Camera", ["/11", "/12"]),
  ],
  ssdp: {
    server: "Linux/2.6.21, UPnP/1.0, Portable SDK for UPnP devices/1.3.1",
    deviceType: BASIC_DEVICE,
    serviceTypes: [],
    descriptionPort: 80,
  },
  upnp: {
    friendlyName: "Brightwell BW-100 Stairs",
    manufacturer: "Brightwell",
    manufacturerUrl: "http://brightwell.example/",
    modelName: "BW-100",
    modelNumber: "BW-100",
    modelDescription: "Brightwell BW-100 Network Camera",
  },
};
