/** What several makers do alike, so that a persona file holds only what is its own. */
import type { CertificateForm, HttpForm, Ports, RtspForm, TlsForm } from "../form.ts";

export const HTTP: Ports = [80, 8080, 18080];
export const HTTPS: Ports = [443, 8443, 18443];
export const RTSP: Ports = [554, 8554, 18554];
export const RTSPS: Ports = [322, 8322, 18322];
export const TELNET: Ports = [23, 2323, 12323];
export const SNMP: Ports = [161, 1161, 11161];

export const BASIC_DEVICE = "urn:schemas-upnp-org:device:Basic:1";
export const DESCRIPTION_PATH = "/rootdesc.xml";

export function ownCertificate(id: string, more: Partial<CertificateForm> = {}): CertificateForm {
  return { id, key: "ec-p256", digest: "sha256", issuer: "self", validity: "years", ...more };
}

const MODERN_SUITES = [
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "TLS_AES_128_GCM_SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
].join(":");

/** TLS 1.2 and 1.3 with ephemeral keys alone, AES-256 first. */
export function modernTls(certificate: CertificateForm): TlsForm {
  return { minVersion: "TLSv1.2", maxVersion: "TLSv1.3", ciphers: MODERN_SUITES, certificate };
}

/** Port 80 that sends everybody to HTTPS and serves the UPnP description. */
export function redirecting(server: string): HttpForm {
  return { kind: "http", ports: HTTP, server, root: { kind: "redirect-https" }, descriptionPath: DESCRIPTION_PATH };
}

/** HTTPS with a login page. */
export function secureLogin(server: string, title: string, certificate: CertificateForm): HttpForm {
  return { kind: "http", ports: HTTPS, server, root: { kind: "page", title, login: true }, tls: modernTls(certificate) };
}

/** RTSP that asks everybody for Digest. */
export function guardedRtsp(server: string, realm: string, paths: readonly string[]): RtspForm {
  return { kind: "rtsp", ports: RTSP, server, authentication: "digest", realm, paths, sessionName: "Media Server", audio: false };
}
