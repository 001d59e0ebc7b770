/** The head that HTTP, RTSP and SSDP share: a first line, fields, an empty line. RFC 9112, RFC 2326, UPnP Device Architecture 2.0. */
import { WireError } from "./wire-error.ts";

export interface Head {
  readonly firstLine: string;
  /** Names in lower case, in the order sent. */
  readonly fields: readonly { readonly name: string; readonly value: string }[];
}

export interface StatusLine {
  /** "HTTP/1.1" */
  readonly protocol: string;
  readonly status: number;
}

const MAX_FIELDS = 128;

/** Accepts bare LF and folded fields, skips lines without a colon: devices do all three. @throws WireError */
export function parseHead(bytes: Uint8Array): Head {
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1").split("\n");
  const firstLine = (lines[0] ?? "").trimEnd();
  if (firstLine === "") throw new WireError("the first line is empty");
  const fields: { name: string; value: string }[] = [];
  for (const raw of lines.slice(1)) {
    const line = raw.trimEnd();
    if (line === "") break;
    const last = fields.at(-1);
    if ((line[0] === " " || line[0] === "\t") && last) {
      last.value = `${last.value} ${line.trim()}`;
      continue;
    }
    const colon = line.indexOf(":");
    if (colon <= 0) continue;
    if (fields.length === MAX_FIELDS) throw new WireError("more fields than we read");
    fields.push({ name: line.slice(0, colon).trim().toLowerCase(), value: line.slice(colon + 1).trim() });
  }
  return { firstLine, fields };
}

/** @throws WireError unless it is `PROTOCOL/x.y NNN` for the protocol named */
export function parseStatusLine(line: string, protocol: "HTTP" | "RTSP"): StatusLine {
  const [version = "", status = ""] = line.split(" ", 2);
  if (!version.startsWith(`${protocol}/`) || version.length > 16) throw new WireError(`the first line does not begin with ${protocol}/`);
  if (!/^[1-9]\d\d$/.test(status)) throw new WireError("the status is not a number of three digits");
  return { protocol: version, status: Number(status) };
}

/** The first field of that name, or "". */
export function field(head: Head, name: string): string {
  return head.fields.find((f) => f.name === name)?.value ?? "";
}

export function fieldsOf(head: Head, name: string): string[] {
  return head.fields.filter((f) => f.name === name).map((f) => f.value);
}

/** A decimal field within bounds; undefined where absent, not decimal or beyond. */
export function decimalField(head: Head, name: string, max: number): number | undefined {
  const text = field(head, name);
  if (!/^\d{1,15}$/.test(text)) return undefined;
  const value = Number(text);
  return value <= max ? value : undefined;
}
