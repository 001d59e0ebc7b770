/**
 * WS-Discovery messages: Probe and Resolve as we send them; ProbeMatches, ResolveMatches, Hello and Bye as devices do. Web Services Dynamic
 * Discovery, April 2005 (what ONVIF, Windows and wsdd speak) and OASIS 1.1; ONVIF Core Specification 7.
 */
import { canonical } from "../../net/scope.ts";
import { clean } from "../../net/text.ts";
import { readXml, type XmlElement } from "../../net/xml.ts";

export type MessageKind = "probe-match" | "resolve-match" | "hello" | "bye";

export interface WsdTarget {
  /** As told, "urn:uuid:…". */
  readonly endpoint: string;
  /** "{namespace}LocalName", sorted; the namespace is "" where no declaration stands for the prefix. */
  readonly types: readonly string[];
  /** Sorted. */
  readonly scopes: readonly string[];
  /** Sorted. */
  readonly xAddrs: readonly string[];
  readonly metadataVersion?: number;
}

export interface WsdMessage {
  readonly kind: MessageKind;
  /** MessageID of what it answers; "" where it answers nothing. */
  readonly relatesTo: string;
  /** AppSequence: grows when the host starts anew. */
  readonly instanceId?: number;
  readonly targets: readonly WsdTarget[];
}

/** Where the part about one target stands, for each kind of message. */
const PLACES: Readonly<Record<string, MessageKind>> = {
  "Envelope/Body/ProbeMatches/ProbeMatch": "probe-match",
  "Envelope/Body/ResolveMatches/ResolveMatch": "resolve-match",
  "Envelope/Body/Hello": "hello",
  "Envelope/Body/Bye": "bye",
};

const MAX_TARGETS = 32;
export const MAX_WORDS = 64;
const MAX_WORD = 512;
const MAX_COUNT = 0xffff_ffff;

type Draft = { -readonly [K in keyof WsdTarget]?: WsdTarget[K] };

/** undefined: another message of the group, somebody else's Probe. @throws WireError for what is no XML that we read */
export function parseMessage(bytes: Uint8Array): WsdMessage | undefined {
  const targets: WsdTarget[] = [];
  let kind: MessageKind | undefined;
  let relatesTo = "";
  let instanceId: number | undefined;
  let draft: Draft = {};
  readXml(bytes, (element) => {
    const place = element.path.join("/");
    const ended = PLACES[place];
    if (ended !== undefined) {
      kind ??= ended;
      const target = targetOf(draft);
      if (target && kind === ended && targets.length < MAX_TARGETS) targets.push(target);
      draft = {};
    } else if (place === "Envelope/Header/RelatesTo") relatesTo = clean(element.text, 128);
    else if (place === "Envelope/Header/AppSequence") instanceId = countIn(element.attribute("InstanceId"));
    else takePart(draft, element);
  });
  if (kind === undefined) return undefined;
  return { kind, relatesTo, targets, ...(instanceId === undefined ? {} : { instanceId }) };
}

function takePart(draft: Draft, element: XmlElement): void {
  const parent = element.path.slice(0, -1).join("/");
  const name = element.path.at(-1);
  if (name === "Address" && parent.endsWith("/EndpointReference") && PLACES[parent.slice(0, -"/EndpointReference".length)] !== undefined)
    draft.endpoint = clean(element.text, 256);
  if (PLACES[parent] === undefined) return;
  if (name === "Types") draft.types = wordsIn(element.text, (word) => expanded(word, element));
  if (name === "Scopes") draft.scopes = wordsIn(element.text);
  if (name === "XAddrs") draft.xAddrs = wordsIn(element.text);
  const version = name === "MetadataVersion" ? countIn(element.text) : undefined;
  if (version !== undefined) draft.metadataVersion = version;
}

function targetOf(draft: Draft): WsdTarget | undefined {
  const { endpoint = "", types = [], scopes = [], xAddrs = [], metadataVersion } = draft;
  return endpoint === "" ? undefined : { endpoint, types, scopes, xAddrs, ...(metadataVersion === undefined ? {} : { metadataVersion }) };
}

function wordsIn(text: string, read: (word: string) => string = (word) => word): string[] {
  const words = text.split(/\s+/).filter((w) => w !== "");
  return [...new Set(words.slice(0, MAX_WORDS).map((w) => clean(read(w), MAX_WORD)))].filter((w) => w !== "").sort();
}

/** "dn:NetworkVideoTransmitter" as "{http://www.onvif.org/ver10/network/wsdl}NetworkVideoTransmitter". */
function expanded(word: string, element: XmlElement): string {
  const cut = word.indexOf(":");
  return `{${element.namespace(word.slice(0, Math.max(cut, 0))) ?? ""}}${word.slice(cut + 1)}`;
}

function countIn(text: string): number | undefined {
  const digits = text.trim();
  const count = /^\d{1,10}$/.test(digits) ? Number(digits) : Number.NaN;
  return count <= MAX_COUNT ? count : undefined;
}

/** The same target told twice, by two Probes that ask for different types: everything that was told of it. */
export function merged(a: WsdTarget, b: WsdTarget): WsdTarget {
  const union = (x: readonly string[], y: readonly string[]): string[] => [...new Set([...x, ...y])].sort().slice(0, MAX_WORDS);
  return {
    ...a,
    ...b,
    types: union(a.types, b.types),
    scopes: union(a.scopes, b.scopes),
    xAddrs: union(a.xAddrs, b.xAddrs),
  };
}

export interface ServiceAddress {
  readonly port: number;
  readonly path: string;
  readonly tls: boolean;
}

/** Where an ONVIF device service is, if an XAddr is HTTP or HTTPS at the very address that sent it; HTTP where both are told. */
export function deviceServiceAt(target: Pick<WsdTarget, "types" | "scopes" | "xAddrs">, sender: string): ServiceAddress | undefined {
  if (!isOnvif(target)) return undefined;
  const own = target.xAddrs.flatMap((xAddr) => serviceAt(xAddr, sender) ?? []);
  return own.find((s) => !s.tls) ?? own[0];
}

function isOnvif({ types, scopes }: Pick<WsdTarget, "types" | "scopes">): boolean {
  return types.some((t) => t.startsWith("{http://www.onvif.org/")) || scopes.some((s) => s.startsWith("onvif://"));
}

function serviceAt(xAddr: string, sender: string): ServiceAddress | undefined {
  if (!URL.canParse(xAddr)) return undefined;
  const { protocol, hostname, port, pathname, search, username, password } = new URL(xAddr);
  const host = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
  const tls = protocol === "https:";
  const isHttp = tls || protocol === "http:";
  if (!isHttp || username !== "" || password !== "" || canonical(host) === undefined || canonical(host) !== canonical(sender))
    return undefined;
  return { port: port === "" ? (tls ? 443 : 80) : Number(port), path: pathname + search, tls };
}

/** The two versions of the protocol differ in their namespaces alone. */
export interface Dialect {
  readonly addressing: string;
  readonly discovery: string;
  readonly to: string;
}

const APRIL_2005: Dialect = {
  addressing: "http://schemas.xmlsoap.org/ws/2004/08/addressing",
  discovery: "http://schemas.xmlsoap.org/ws/2005/04/discovery",
  to: "urn:schemas-xmlsoap-org:ws:2005:04:discovery",
};
const OASIS_1_1: Dialect = {
  addressing: "http://www.w3.org/2005/08/addressing",
  discovery: "http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01",
  to: "urn:docs-oasis-open-org:ws-dd:ns:discovery:2009:01",
};

interface Search {
  readonly dialect: Dialect;
  readonly types: string;
}

/** A Probe without types asks for all (5.2); many cameras answer their own type alone, wsdd none but the literal "wsdp:Device". */
export const SEARCHES: readonly Search[] = [
  { dialect: APRIL_2005, types: "" },
  { dialect: APRIL_2005, types: '<d:Types xmlns:dn="http://www.onvif.org/ver10/network/wsdl">dn:NetworkVideoTransmitter</d:Types>' },
  { dialect: APRIL_2005, types: '<d:Types xmlns:wsdp="http://schemas.xmlsoap.org/ws/2006/02/devprof">wsdp:Device</d:Types>' },
  { dialect: OASIS_1_1, types: "" },
];

/** @param uuid of the message; what answers it names it */
export function probeText({ dialect, types }: Search, uuid: string): string {
  return envelope(dialect, "Probe", uuid, `<d:Probe>${types}</d:Probe>`);
}

/** Asks the holder of an endpoint reference for its XAddrs. @param dialect in which it told the reference */
export function resolveText(dialect: Dialect, endpoint: string, uuid: string): string {
  const address = endpoint.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const reference = `<a:EndpointReference><a:Address>${address}</a:Address></a:EndpointReference>`;
  return envelope(dialect, "Resolve", uuid, `<d:Resolve>${reference}</d:Resolve>`);
}

function envelope({ addressing, discovery, to }: Dialect, action: string, uuid: string, body: string): string {
  const spaces = `xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="${addressing}" xmlns:d="${discovery}"`;
  const head = `<a:Action>${discovery}/${action}</a:Action><a:MessageID>urn:uuid:${uuid}</a:MessageID><a:To>${to}</a:To>`;
  return `<?xml version="1.0" encoding="UTF-8"?><s:Envelope ${spaces}><s:Header>${head}</s:Header><s:Body>${body}</s:Body></s:Envelope>`;
}
