/**
 * What must be found at the simulated site, and what must follow each drift. Written from the text of TS-0014-1 v2 and
 * of the semantics in docs, never from what the code answered: where they differ, one of them is wrong.
 */
import type { DriftId } from "./script.ts";

export type ExpectedStatus = "pass" | "fail" | "unknown" | "notchecked" | "notapplicable";
export const EXPECTED_CLAUSES = [
  "5.2.2.1",
  "5.3.1.1",
  "5.3.1.2",
  "5.3.1.3",
  "5.3.2.2",
  "5.3.3.1",
  "5.3.3.2",
  "5.3.3.4",
  "5.5.1.1",
] as const;
export type ExpectedClause = (typeof EXPECTED_CLAUSES)[number];
type Verdicts = Readonly<Record<ExpectedClause, ExpectedStatus>>;

export interface PersonaExpectation {
  readonly persona: string;
  /** Probes that must have seen it, sorted: no more and no fewer. */
  readonly sources: readonly string[];
  readonly class: "camera" | "recorder" | "nas" | "switch" | "access-point" | "printer" | "workstation";
  readonly membership: "in" | "out" | "environment";
  /** After the first full round, before any drift. */
  readonly verdicts: Verdicts;
  /** Unknown and not checked counted as if they passed; `proven` is 0 for all, because attestations are missing. */
  readonly possibleLevel: 0 | 1 | 2 | 3;
}

/**
 * A camera with modern HTTPS, HTTP that only redirects, and RTSP that refuses everybody. In all of them:
 * - 5.2.2.1 has no profile to compare with (or no complete sweep yet), so it cannot pass;
 * - 5.3.1.1 passes: no cleartext login, TLS 1.2 and 1.3 alone, forward secrecy;
 * - 5.3.1.2 is a clause that the network can only fail: clean observation without an attestation is unknown;
 * - 5.3.2.2 passes only after all ports were swept;
 * - 5.3.3.x: no radio of it was looked at, and nothing says that it is wired;
 * - 5.5.1.1: all paths tried were refused, but snapshot URLs and the recordings search, the clause's other parts,
 *   are looked at by no probe yet; a part not looked at is notchecked and blocks the pass.
 */
const CLEAN_CAMERA: Verdicts = {
  "5.2.2.1": "unknown",
  "5.3.1.1": "pass",
  "5.3.1.2": "unknown",
  "5.3.1.3": "pass",
  "5.3.2.2": "unknown",
  "5.3.3.1": "notchecked",
  "5.3.3.2": "notchecked",
  "5.3.3.4": "notchecked",
  "5.5.1.1": "notchecked",
};

/** The profile of the model says that it is wired, and no radio of it was ever seen. */
const WIRED = { "5.3.3.1": "notapplicable", "5.3.3.2": "notapplicable", "5.3.3.4": "notapplicable" } as const;

/**
 * Nothing was found that the clause speaks of, but no complete sweep says that there is nothing: unknown. 5.5.1.1 too:
 * that no RTSP endpoint was found outweighs its parts that were not looked at (unknown is worse than notchecked).
 */
const NOTHING_FOUND: Verdicts = { ...CLEAN_CAMERA, "5.3.1.1": "unknown", "5.3.1.3": "unknown", "5.5.1.1": "unknown" };

const UPNP_CAMERA = [
  "http.root",
  "rtsp.describe",
  "ssdp.notify",
  "ssdp.search",
  "tcp.connect",
  "tls.handshake",
  "upnp.description",
] as const;
const cleanCamera = (persona: string): PersonaExpectation => ({
  persona,
  sources: UPNP_CAMERA,
  class: "camera",
  membership: "in",
  verdicts: CLEAN_CAMERA,
  possibleLevel: 3,
});

export const EXPECTATIONS: readonly PersonaExpectation[] = [
  {
    ...cleanCamera("camera-good"),
    sources: [...UPNP_CAMERA, "mdns.browse"].sort(),
    // Everything open is declared, but that nothing else is open takes a complete sweep: 5.2.2.1 stays unknown.
    verdicts: { ...CLEAN_CAMERA, ...WIRED },
  },
  {
    ...cleanCamera("camera-open"),
    sources: UPNP_CAMERA.filter((probe) => probe !== "tls.handshake"),
    // Basic over cleartext fails 5.3.1.1; DESCRIBE answered with an SDP fails 5.5.1.1, for a random path is refused.
    // It has no TLS endpoint that was found: 5.3.1.3 is unknown until a complete sweep.
    verdicts: { ...CLEAN_CAMERA, "5.3.1.1": "fail", "5.3.1.3": "unknown", "5.5.1.1": "fail" },
    possibleLevel: 0,
  },
  {
    ...cleanCamera("camera-legacy-tls"),
    // TLS 1.0 and 1.1 accepted: 5.3.1.1. Certificate expired: 5.3.1.2. AES-128 at most: 5.3.1.3.
    verdicts: { ...CLEAN_CAMERA, "5.3.1.1": "fail", "5.3.1.2": "fail", "5.3.1.3": "fail" },
    possibleLevel: 0,
  },
  cleanCamera("camera-telnet-later"),
  cleanCamera("camera-moves"),
  cleanCamera("camera-vanishes"),
  cleanCamera("camera-cert-expires"),
  // One serial, two addresses that answer in turn, two UDNs: the serial is cloned and joins nothing.
  cleanCamera("camera-same-serial-a"),
  cleanCamera("camera-same-serial-b"),
  {
    ...cleanCamera("recorder"),
    class: "recorder",
    // tcp/8000 is open and not declared. RTSP answers every path alike: what it would show of a real one is unknown.
    verdicts: { ...CLEAN_CAMERA, ...WIRED, "5.2.2.1": "fail", "5.5.1.1": "unknown" },
    possibleLevel: 0,
  },
  {
    persona: "nas",
    sources: ["http.root", "mdns.browse", "tcp.connect", "tls.handshake"],
    class: "nas",
    membership: "in",
    // HTTP on 5000 redirects to HTTPS on 5001. It shows no RTSP, which only a complete sweep could settle.
    verdicts: { ...CLEAN_CAMERA, "5.5.1.1": "unknown" },
    possibleLevel: 3,
  },
  {
    persona: "switch",
    sources: ["snmp.system"],
    class: "switch",
    membership: "environment",
    // SNMP v2c answers: cleartext.
    verdicts: { ...NOTHING_FOUND, "5.3.1.1": "fail" },
    possibleLevel: 0,
  },
  {
    persona: "access-point",
    sources: ["snmp.system", "wifi.bss"],
    class: "access-point",
    membership: "environment",
    // Config Methods 0x0280 hold no PIN bit; WPA2 with CCMP alone; PSK proves nothing about 802.1X.
    verdicts: { ...NOTHING_FOUND, "5.3.1.1": "fail", "5.3.3.1": "pass", "5.3.3.2": "pass", "5.3.3.4": "unknown" },
    possibleLevel: 0,
  },
  {
    persona: "printer",
    sources: ["http.root", "mdns.browse", "tcp.connect"],
    class: "printer",
    membership: "out",
    // Its page asks for no login, so nothing is sent in clear that 5.3.1.1 forbids, and nothing secure was seen either.
    verdicts: NOTHING_FOUND,
    possibleLevel: 3,
  },
  {
    persona: "laptop",
    sources: ["mdns.browse"],
    class: "workstation",
    membership: "out",
    verdicts: NOTHING_FOUND,
    possibleLevel: 3,
  },
];

export type ExpectedEvent =
  | { readonly kind: "drift" | "transition"; readonly clause: ExpectedClause; readonly from: ExpectedStatus; readonly to: ExpectedStatus }
  | {
      readonly kind: "drift" | "transition";
      readonly change: "service-opened" | "certificate-changed" | "device-moved" | "device-vanished";
      /** "tcp/23" or the true port's substitute of the state file; null where the change is about no port. */
      readonly service: string | null;
    };

export interface DriftExpectation {
  readonly drift: DriftId;
  readonly persona: string;
  /** Exactly these of kinds drift and transition, each once, all about this persona. Exposures stand outside. */
  readonly events: readonly ExpectedEvent[];
  /** Later, when the last evidence is three reporting intervals old and none came. */
  readonly whenEvidenceExpires?: {
    /** One change "evidence-expired" for each of these probes, however many verdicts rest on it. */
    readonly announced: readonly string[];
    /** Verdicts that become so with cause expiry; they make no event of their own. */
    readonly verdicts: readonly { readonly clause: ExpectedClause; readonly from: ExpectedStatus; readonly to: ExpectedStatus }[];
  };
  /** Identifiers of which at least one must be named as the reason of the join. */
  readonly joinedBy?: readonly ("uuid" | "serial")[];
}

const worse = (clause: ExpectedClause, from: ExpectedStatus, to: ExpectedStatus): ExpectedEvent => ({ kind: "drift", clause, from, to });

export const DRIFT_EXPECTATIONS: readonly DriftExpectation[] = [
  {
    drift: "telnet-opens",
    persona: "camera-telnet-later",
    // Telnet is a service that appeared, a cleartext login and a debug mode. 5.2.2.1 has no profile and stays unknown.
    events: [
      { kind: "drift", change: "service-opened", service: "tcp/23" },
      worse("5.3.1.1", "pass", "fail"),
      worse("5.3.2.2", "unknown", "fail"),
    ],
  },
  { drift: "tls10-on", persona: "recorder", events: [worse("5.3.1.1", "pass", "fail")] },
  {
    drift: "certificate-replaced",
    persona: "nas",
    // The new one is issued by an authority that no profile names: 5.3.1.2 stays unknown.
    events: [{ kind: "drift", change: "certificate-changed", service: "tcp/5001" }],
  },
  { drift: "wps-pin-on", persona: "access-point", events: [worse("5.3.3.1", "pass", "fail")] },
  { drift: "rtsp-authentication-off", persona: "camera-same-serial-b", events: [worse("5.5.1.1", "notchecked", "fail")] },
  {
    drift: "camera-moves",
    persona: "camera-moves",
    // One move: its ports did not open or close, it neither vanished nor appeared, and its verdicts stay.
    events: [{ kind: "drift", change: "device-moved", service: null }],
    joinedBy: ["uuid", "serial"],
  },
  {
    drift: "camera-vanishes",
    persona: "camera-vanishes",
    // All known endpoints fail in one look: a missed look of the host, no endpoint closes.
    events: [{ kind: "drift", change: "device-vanished", service: null }],
    whenEvidenceExpires: {
      // Every probe that one of the 54 verdicts cites: ssdp.search is what 5.2.2.1 knows udp/1900 by, and the light look at the
      // certificate is what 5.3.1.2 rests on beside the whole posture, with a shorter interval of its own.
      announced: ["http.root", "rtsp.describe", "ssdp.search", "tcp.connect", "tls.certificate", "tls.handshake"],
      verdicts: [
        { clause: "5.3.1.1", from: "pass", to: "unknown" },
        { clause: "5.3.1.3", from: "pass", to: "unknown" },
        // The part that was looked at is unknown now, which is worse than the parts that never were.
        { clause: "5.5.1.1", from: "notchecked", to: "unknown" },
      ],
    },
  },
  {
    drift: "certificate-expires",
    persona: "camera-cert-expires",
    // Nothing changes on the device: the verdict changes by time, at notAfter.
    events: [worse("5.3.1.2", "unknown", "fail")],
  },
];
