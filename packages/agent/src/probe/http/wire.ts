/** What the root page and its head say. Scans by hand: hostile HTML is no food for regular expressions. */
import { type Challenge, parseChallenges } from "../../net/challenge.ts";
import { field, fieldsOf, type Head } from "../../net/head.ts";
import { clean, decodeText } from "../../net/text.ts";

export interface Page {
  readonly title: string;
  readonly loginForm: boolean;
}

const SECURITY_FIELDS = [
  "content-security-policy",
  "cross-origin-embedder-policy",
  "cross-origin-opener-policy",
  "cross-origin-resource-policy",
  "permissions-policy",
  "referrer-policy",
  "strict-transport-security",
  "x-content-type-options",
  "x-frame-options",
];

/** A tag longer than this is not read as one. */
const MAX_TAG = 4096;

export interface HeadFacts {
  readonly server: string;
  readonly contentType: string;
  readonly challenges: readonly Challenge[];
  readonly securityHeaders: readonly string[];
  /** RFC 3339 UTC; undefined where absent or no date. */
  readonly date?: string;
}

export function readHead(head: Head): HeadFacts {
  const at = Date.parse(field(head, "date").slice(0, 64));
  return {
    server: clean(field(head, "server"), 256),
    contentType: clean(field(head, "content-type").toLowerCase(), 128),
    challenges: parseChallenges(fieldsOf(head, "www-authenticate")),
    securityHeaders: SECURITY_FIELDS.filter((name) => field(head, name) !== ""),
    ...(Number.isNaN(at) ? {} : { date: new Date(at).toISOString() }),
  };
}

export function readPage(body: Uint8Array): Page {
  const html = decodeText(body);
  const lower = asciiLower(html);
  return { title: titleOf(html, lower), loginForm: hasPasswordInput(lower) };
}

export type Redirect =
  | { readonly kind: "none" }
  /** A path on the same endpoint: may be asked for once. */
  | { readonly kind: "same"; readonly path: string }
  /** Same host over https, on whatever port. */
  | { readonly kind: "https" }
  /** Another host, port or scheme: recorded, never followed. */
  | { readonly kind: "elsewhere" };

export interface Here {
  readonly address: string;
  readonly port: number;
  readonly tls: boolean;
}

export function readRedirect(status: number, location: string, here: Here): Redirect {
  if (status < 300 || status > 399 || location === "") return { kind: "none" };
  const scheme = here.tls ? "https" : "http";
  const host = here.address.includes(":") ? `[${here.address}]` : here.address;
  const base = `${scheme}://${host}:${here.port}/`;
  if (!URL.canParse(location, base)) return { kind: "elsewhere" };
  const [from, to] = [new URL(base), new URL(location, base)];
  if (to.hostname !== from.hostname) return { kind: "elsewhere" };
  if (!here.tls && to.protocol === "https:") return { kind: "https" };
  if (to.protocol !== from.protocol || to.port !== from.port) return { kind: "elsewhere" };
  return { kind: "same", path: to.pathname + to.search };
}

function titleOf(html: string, lower: string): string {
  const tag = lower.indexOf("<title");
  const from = tag < 0 ? -1 : lower.indexOf(">", tag);
  if (from < 0) return "";
  const end = lower.indexOf("</title", from);
  return clean(decodeEntities(html.slice(from + 1, end < 0 ? from + 1025 : Math.min(end, from + 1025))), 256);
}

const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

function decodeEntities(text: string): string {
  return text.replace(/&(?:(amp|lt|gt|quot|apos|nbsp)|#(\d{1,7}));/g, (whole, name: string | undefined, code: string | undefined) => {
    if (name !== undefined) return NAMED[name] ?? whole;
    return Number(code) <= 0x10ffff ? String.fromCodePoint(Number(code)) : whole;
  });
}

function hasPasswordInput(lower: string): boolean {
  for (let at = lower.indexOf("<input"); at >= 0; at = lower.indexOf("<input", at + 6)) {
    // The window bounds the work where no tag is ever closed.
    const window = lower.slice(at + 6, at + MAX_TAG);
    const end = window.indexOf(">");
    if (attributeOf(end < 0 ? window : window.slice(0, end), "type") === "password") return true;
  }
  return false;
}

/** Value of one attribute in the inside of a tag, quoted or not. */
function attributeOf(tag: string, name: string): string | undefined {
  for (let at = tag.indexOf(name); at >= 0; at = tag.indexOf(name, at + name.length)) {
    if (at > 0 && !" \t\r\n/\"'".includes(tag.charAt(at - 1))) continue;
    const rest = tag.slice(at + name.length).trimStart();
    if (!rest.startsWith("=")) continue;
    const value = rest.slice(1).trimStart();
    const quote = value.charAt(0);
    if (quote === '"' || quote === "'") return value.slice(1).split(quote, 1)[0]?.trim();
    return value.split(/[\s/]/, 1)[0];
  }
  return undefined;
}

/** toLowerCase may change the length of other scripts' text; positions must stay. */
function asciiLower(text: string): string {
  return text.replace(/[A-Z]+/g, (upper) => upper.toLowerCase());
}
