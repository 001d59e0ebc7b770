/**
 * The form of a persona: what one simulated device shows to the network, as plain data.
 * A drift of the script turns one form into another; device.ts makes the running device follow.
 */

/** Ports are tried in order: the true one first, then those used where the true one cannot be bound. */
export type Ports = readonly [number, ...number[]];

export interface CertificateForm {
  /** Name under which key and chain are kept; a new name is a new key and certificate. */
  readonly id: string;
  readonly key: "ec-p256" | "rsa-1024" | "rsa-2048";
  readonly digest: "sha256" | "sha1";
  readonly issuer: "self" | "site-authority";
  /** "scripted": notAfter is the moment that the script tells. */
  readonly validity: "years" | "expired" | "scripted";
}

export interface TlsForm {
  readonly minVersion: "TLSv1" | "TLSv1.2";
  readonly maxVersion: "TLSv1.2" | "TLSv1.3";
  /** OpenSSL cipher string; absent: Node's defaults. */
  readonly ciphers?: string;
  /** Offers DHE with the 1024-bit prime of RFC 2409, 6.2. */
  readonly weakDh?: boolean;
  readonly certificate: CertificateForm;
}

export type RootAnswer =
  | { readonly kind: "redirect-https" }
  | { readonly kind: "challenge"; readonly scheme: "Basic" | "Digest"; readonly realm: string }
  /** `login`: the page holds an input of type password. */
  | { readonly kind: "page"; readonly title: string; readonly login: boolean };

export interface HttpForm {
  readonly kind: "http";
  readonly ports: Ports;
  readonly tls?: TlsForm;
  readonly server: string;
  readonly root: RootAnswer;
  /** Serves the UPnP description at this path. */
  readonly descriptionPath?: string;
  /** Device clock minus true time, ms, as its Date header shows. */
  readonly clockSkewMs?: number;
}

export interface RtspForm {
  readonly kind: "rtsp";
  readonly ports: Ports;
  readonly tls?: TlsForm;
  readonly server: string;
  /** "none": DESCRIBE is answered to anybody. Nobody has an account here: every credential is refused. */
  readonly authentication: "digest" | "basic" | "none";
  readonly realm: string;
  /** Paths that exist, without query; "any": every path is answered alike. */
  readonly paths: readonly string[] | "any";
  readonly sessionName: string;
  readonly audio: boolean;
}

export interface TelnetForm {
  readonly kind: "telnet";
  readonly ports: Ports;
  readonly greeting: string;
}

/** A port that says nothing before it is spoken to, and ends the connection on what it does not understand. */
export interface SilentForm {
  readonly kind: "silent";
  readonly ports: Ports;
}

export type TcpForm = HttpForm | RtspForm | TelnetForm | SilentForm;

export interface SsdpForm {
  readonly server: string;
  readonly deviceType: string;
  readonly serviceTypes: readonly string[];
  /** True port of the HTTP service that serves the description. */
  readonly descriptionPort: number;
}

export interface UpnpForm {
  readonly friendlyName: string;
  readonly manufacturer: string;
  readonly manufacturerUrl: string;
  readonly modelName: string;
  readonly modelNumber: string;
  readonly modelDescription: string;
}

export interface MdnsForm {
  readonly hostName: string;
  readonly services: readonly {
    readonly type: string;
    readonly instance: string;
    /** True port; the port really bound is told. */
    readonly port: number;
    readonly txt: readonly string[];
  }[];
}

export interface SnmpForm {
  readonly ports: Ports;
  readonly community: string;
  readonly description: string;
  readonly objectId: string;
  readonly name: string;
  readonly location: string;
  /** sysServices of RFC 3418: 2 for a bridge. */
  readonly services: number;
  /** Link addresses are the device's own base address plus the index. */
  readonly interfaces: readonly { readonly index: number; readonly name: string; readonly type: number }[];
}

export interface WifiForm {
  readonly ssid: string;
  /** Its BSSID is the link address of this interface. */
  readonly interfaceIndex: number;
  readonly channel: number;
  /** Suites as OUI and type, "000fac04". */
  readonly groupCipher: string;
  readonly pairwiseCiphers: readonly string[];
  readonly akms: readonly string[];
  readonly pmf: "none" | "capable" | "required";
  /** Absent: no WPS element. Config Methods stand in probe responses only, as most access points do it. */
  readonly wps?: { readonly configMethods: number; readonly manufacturer: string; readonly modelName: string };
}

export interface PersonaForm {
  readonly name: string;
  /** The recording (repository and path) or the daemon that it behaves like. */
  readonly behavesLike: readonly string[];
  /** What went wrong for others with such a device; absent where it is an ordinary one. */
  readonly fieldFailure?: string;
  /** Position in the subnet: 127.18.0.<host>. */
  readonly host: number;
  readonly present: boolean;
  readonly services: readonly TcpForm[];
  readonly ssdp?: SsdpForm;
  readonly upnp?: UpnpForm;
  readonly mdns?: MdnsForm;
  readonly snmp?: SnmpForm;
  readonly wifi?: WifiForm;
  /** Units with the same word carry one serial number. */
  readonly serialOf?: string;
  /** More new connections than this within one second make it refuse all for five seconds. */
  readonly fragileAbovePerSecond?: number;
}

/** Puts what is the device's own into a text: {serial}, {mac}, {udn}. */
export function fill(text: string, own: { readonly serial: string; readonly mac: string; readonly udn: string }): string {
  return text.replaceAll("{serial}", own.serial).replaceAll("{mac}", own.mac).replaceAll("{udn}", own.udn);
}
