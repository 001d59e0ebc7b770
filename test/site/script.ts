/** What happens at the site while we look, in this order: each drift turns the form of one persona into another. */
import type { HttpForm, PersonaForm, RtspForm, TcpForm } from "./form.ts";
import { ownCertificate, TELNET } from "./persona/common.ts";

export const DRIFT_IDS = [
  "telnet-opens",
  "tls10-on",
  "certificate-replaced",
  "wps-pin-on",
  "rtsp-authentication-off",
  "camera-moves",
  "camera-vanishes",
  "certificate-expires",
] as const;
export type DriftId = (typeof DRIFT_IDS)[number];

export interface Drift {
  readonly id: DriftId;
  readonly persona: string;
  readonly change: (form: PersonaForm) => PersonaForm;
  /** True: nothing changes on the device; the drift happens when the scripted certificate ends. */
  readonly byTime?: boolean;
}

/** Config Methods: label and keypad beside the push buttons. Wi-Fi Simple Configuration 2.0.8, table 33 */
export const WPS_PIN_METHODS = 0x0384;
/** Where the moving camera goes. */
export const NEW_HOST = 30;

function each<F extends TcpForm>(form: PersonaForm, wanted: (service: TcpForm) => service is F, change: (service: F) => F): PersonaForm {
  return { ...form, services: form.services.map((service) => (wanted(service) ? change(service) : service)) };
}

const isSecureWeb = (service: TcpForm): service is HttpForm => service.kind === "http" && service.tls !== undefined;
const isRtsp = (service: TcpForm): service is RtspForm => service.kind === "rtsp";

function withTls(service: HttpForm, change: (tls: NonNullable<HttpForm["tls"]>) => NonNullable<HttpForm["tls"]>): HttpForm {
  return service.tls === undefined ? service : { ...service, tls: change(service.tls) };
}

export const SCRIPT: readonly Drift[] = [
  {
    id: "telnet-opens",
    persona: "camera-telnet-later",
    change: (form) => ({ ...form, services: [...form.services, { kind: "telnet", ports: TELNET, greeting: "MV-2 3.4.35" }] }),
  },
  {
    id: "tls10-on",
    persona: "recorder",
    // Security level 0: OpenSSL 3 speaks TLS 1.0 at no other.
    change: (form) =>
      each(form, isSecureWeb, (web) => withTls(web, (tls) => ({ ...tls, minVersion: "TLSv1", ciphers: "DEFAULT:@SECLEVEL=0" }))),
  },
  {
    id: "certificate-replaced",
    persona: "nas",
    change: (form) =>
      each(form, isSecureWeb, (web) =>
        withTls(web, (tls) => ({ ...tls, certificate: ownCertificate("nas-second", { issuer: "site-authority" }) })),
      ),
  },
  {
    id: "wps-pin-on",
    persona: "access-point",
    change: (form) =>
      form.wifi?.wps === undefined ? form : { ...form, wifi: { ...form.wifi, wps: { ...form.wifi.wps, configMethods: WPS_PIN_METHODS } } },
  },
  {
    id: "rtsp-authentication-off",
    persona: "camera-same-serial-b",
    change: (form) => each(form, isRtsp, (rtsp) => ({ ...rtsp, authentication: "none" })),
  },
  { id: "camera-moves", persona: "camera-moves", change: (form) => ({ ...form, host: NEW_HOST }) },
  { id: "camera-vanishes", persona: "camera-vanishes", change: (form) => ({ ...form, present: false }) },
  { id: "certificate-expires", persona: "camera-cert-expires", change: (form) => form, byTime: true },
];

/** The form of a persona after the drifts that already happened. */
export function formAfter(form: PersonaForm, happened: readonly string[]): PersonaForm {
  return SCRIPT.filter((drift) => drift.persona === form.name && happened.includes(drift.id)).reduce(
    (now, drift) => drift.change(now),
    form,
  );
}
