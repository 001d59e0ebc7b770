/** What a service says when it is connected to and nothing is sent. */
import { clean } from "../../net/text.ts";

export type Protocol = "telnet" | "ssh" | "ftp" | "smtp" | "vnc" | "tls-alert" | "adb" | "gdb" | "openocd" | "shell" | "";

export interface FirstBytes {
  readonly protocol: Protocol;
  /** First line with something on it, what changes from look to look replaced by "*"; "" for binary protocols. */
  readonly banner: string;
  /** True where the bytes as sent belong to the volatile facts: the banner does not hold all that they say. */
  readonly volatile: boolean;
}

/** Most bytes of a greeting that are looked at. */
export const MAX_FIRST_BYTES = 512;

const IAC = 0xff;

/** Never throws: every sequence of bytes is a greeting of something. */
export function readFirstBytes(bytes: Uint8Array): FirstBytes {
  const head = bytes.subarray(0, MAX_FIRST_BYTES);
  const { text, negotiates } = stripTelnet(head);
  const protocol = protocolOf(head, text, negotiates);
  if (!isText(text)) return { protocol, banner: "", volatile: head.length > 0 };
  const line = firstLine(text);
  const banner = steady(line);
  return { protocol, banner, volatile: banner !== line };
}

function protocolOf(bytes: Uint8Array, text: string, negotiates: boolean): Protocol {
  if (text.includes("Open On-Chip Debugger")) return "openocd";
  if (text.startsWith("SSH-")) return "ssh";
  if (/^RFB \d{3}\.\d{3}\n/.test(text)) return "vnc";
  if (bytes[0] === 0x15 && bytes[1] === 0x03 && (bytes[2] ?? 255) <= 4) return "tls-alert";
  if (isAdb(bytes)) return "adb";
  if (/^\+?\$[^#]{0,400}#[0-9a-f]{2}/.test(text)) return "gdb";
  if (/^220[ -]/.test(text)) return mailOrFiles(text.toLowerCase());
  const lower = text.trimEnd().toLowerCase();
  if (["login:", "username:", "user name:", "password:"].some((prompt) => lower.endsWith(prompt))) return "telnet";
  if (isPrompt(text)) return "shell";
  return negotiates ? "telnet" : "";
}

function mailOrFiles(greeting: string): Protocol {
  if (greeting.includes("ftp") || greeting.includes("filezilla")) return "ftp";
  return greeting.includes("smtp") || greeting.includes("mail") ? "smtp" : "";
}

/** A prompt that waits for commands without a login before it, or the greeting that BusyBox's shell prints on its way there. */
function isPrompt(text: string): boolean {
  if (text.includes("built-in shell (ash)")) return true;
  const last = text.slice(text.lastIndexOf("\n") + 1);
  return last.length <= 80 && /[#$>] ?$/.test(last) && /^(?:[\w.@~/:\-[\]() ]*)[#$>] ?$/.test(last) && !/^> ?$/.test(last);
}

/** ADB message header: command, and as its last word the same with all bits turned. AOSP protocol.txt. */
function isAdb(bytes: Uint8Array): boolean {
  if (bytes.length < 24) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const command = view.getUint32(0, true);
  const known = command === 0x4e584e43 || command === 0x48545541 || command === 0x534c5453; // CNXN, AUTH, STLS
  return known && view.getUint32(20, true) === (command ^ 0xffffffff) >>> 0;
}

/** Takes option negotiation out of the text. RFC 854, RFC 855. */
function stripTelnet(bytes: Uint8Array): { text: string; negotiates: boolean } {
  let text = "";
  let negotiates = false;
  for (let i = 0; i < bytes.length; i++) {
    const command = bytes[i + 1] ?? 0;
    if (bytes[i] !== IAC || command < 0xf0) {
      text += String.fromCharCode(bytes[i] ?? 0);
      continue;
    }
    if (command >= 0xfb && command <= 0xfe) negotiates = true;
    if (command === 0xfa) i = endOfSubnegotiation(bytes, i);
    else i += command >= 0xfb && command <= 0xfe ? 2 : 1;
  }
  return { text, negotiates };
}

function endOfSubnegotiation(bytes: Uint8Array, from: number): number {
  for (let i = from + 2; i < bytes.length; i++) if (bytes[i] === IAC && bytes[i + 1] === 0xf0) return i + 1;
  return bytes.length;
}

function isText(text: string): boolean {
  let odd = 0;
  for (const c of text) if ((c < " " && !"\t\r\n\u001b\u0000".includes(c)) || c > "~") odd++;
  return odd * 10 <= text.length;
}

function firstLine(text: string): string {
  for (const raw of text.split(/[\r\n]/)) {
    const line = clean(raw.replace(/[^\x20-\x7e]/g, " "), 128);
    if (line !== "") return line;
  }
  return "";
}

/** A clock time and the date beside it, and long numbers, change from look to look; a date alone is that of a build. */
function steady(line: string): string {
  const timeless = line.replace(/\b\d{1,2}:\d{2}(?::\d{2})?\b/g, "*");
  const dateless =
    timeless === line
      ? line
      : timeless
          .replace(/\b\d{4}[-/]\d{1,2}[-/]\d{1,2}\b/g, "*")
          .replace(/\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}\b/g, "*")
          .replace(/\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\b/g, "*")
          .replace(/(?<![.\w])(?:\d{1,2}|\d{4})(?![.\w])/g, "*");
  return dateless.replace(/\b(?:[0-9a-f]{12,}|\d{8,})\b/gi, "*");
}
