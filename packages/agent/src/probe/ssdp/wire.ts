/** SSDP messages: M-SEARCH, its answers, NOTIFY. UPnP Device Architecture 2.0, 1.2 and 1.3. */
import { decimalField, field, type Head, parseHead } from "../../net/head.ts";
import { canonical } from "../../net/scope.ts";
import { clean } from "../../net/text.ts";
import { WireError } from "../../net/wire-error.ts";

export interface Service {
  readonly usn: string;
  /** ST of an answer, NT of a NOTIFY. */
  readonly target: string;
  readonly location: string;
  readonly server: string;
  readonly bootId?: number;
  readonly configId?: number;
}

export const NOTICE_KINDS = ["ssdp:alive", "ssdp:byebye", "ssdp:update"] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

export interface Notice extends Service {
  readonly kind: NoticeKind;
  readonly maxAgeS?: number;
  /** ssdp:update: the BOOTID that holds from now on. */
  readonly nextBootId?: number;
}

const MAX_ID = 0x7fff_ffff;

/** @param host where it is sent, for HOST @param mx seconds over which answers spread; 0 for a search by unicast, which has none */
export function searchText(host: string, mx: number): string {
  return `M-SEARCH * HTTP/1.1\r\nHOST: ${host}\r\nMAN: "ssdp:discover"\r\n${mx > 0 ? `MX: ${mx}\r\n` : ""}ST: ssdp:all\r\nUSER-AGENT: Vedette UPnP/2.0\r\n\r\n`;
}

/** @throws WireError unless it is an answer to a search */
export function parseAnswer(bytes: Uint8Array): Service {
  const head = parseHead(bytes);
  if (!/^HTTP\/1\.[01] 200(?: |$)/i.test(head.firstLine)) throw new WireError("the first line is no 200 of HTTP");
  return serviceOf(head, field(head, "st"));
}

/** undefined: another message of the group (a search of somebody else's). @throws WireError for a NOTIFY that is none */
export function parseNotice(bytes: Uint8Array): Notice | undefined {
  const head = parseHead(bytes);
  if (!/^NOTIFY \* HTTP\/1\.[01]$/i.test(head.firstLine)) return undefined;
  const told = field(head, "nts").toLowerCase();
  const kind = NOTICE_KINDS.find((k) => k === told);
  if (!kind) throw new WireError("NTS is none of alive, byebye, update");
  const maxAge = /max-age\s{0,4}=\s{0,4}(\d{1,9})/i.exec(field(head, "cache-control").slice(0, 256))?.[1];
  const nextBootId = decimalField(head, "nextbootid.upnp.org", MAX_ID);
  return {
    kind,
    ...serviceOf(head, field(head, "nt")),
    ...(maxAge === undefined ? {} : { maxAgeS: Number(maxAge) }),
    ...(nextBootId === undefined ? {} : { nextBootId }),
  };
}

/** Where a LOCATION leads, if it is plain HTTP at the very address that sent it. */
export function locationAt(location: string, sender: string): { readonly port: number; readonly path: string } | undefined {
  if (!URL.canParse(location)) return undefined;
  const url = new URL(location);
  const host = url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname;
  if (url.protocol !== "http:" || url.username !== "" || url.password !== "" || canonical(host) !== canonical(sender)) return undefined;
  return { port: url.port === "" ? 80 : Number(url.port), path: url.pathname + url.search };
}

function serviceOf(head: Head, target: string): Service {
  const usn = clean(field(head, "usn"), 256);
  if (usn === "") throw new WireError("there is no USN");
  const bootId = decimalField(head, "bootid.upnp.org", MAX_ID);
  const configId = decimalField(head, "configid.upnp.org", MAX_ID);
  return {
    usn,
    target: clean(target, 256),
    location: clean(field(head, "location"), 512),
    server: clean(field(head, "server"), 256),
    ...(bootId === undefined ? {} : { bootId }),
    ...(configId === undefined ? {} : { configId }),
  };
}
