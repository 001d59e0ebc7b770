/** Raw bytes for people: text where it is text, and a hex dump with offsets. Pure. */

/** At most this many bytes are shown; the agent caps what it sends well below. */
const MAX_SHOWN = 16_384;
const PER_LINE = 16;

/** @throws never; what is no base64 gives no bytes */
export function bytesOf(base64: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64), (c) => c.codePointAt(0) ?? 0);
  } catch {
    return new Uint8Array();
  }
}

/** UTF-8 with control characters made visible; line ends stay. */
export function textOf(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes.subarray(0, MAX_SHOWN));
  return text.replace(/\r\n/g, "\n").replace(/[^\P{C}\n\t]/gu, "·");
}

/** Mostly letters, so that reading it makes sense. */
export function isText(bytes: Uint8Array): boolean {
  if (bytes.length === 0) return false;
  const plain = bytes.reduce((n, b) => n + (b === 9 || b === 10 || b === 13 || (b >= 32 && b < 127) ? 1 : 0), 0);
  return plain / bytes.length > 0.85;
}

/** "00000010  16 03 03 00 58 …  ....X" */
export function hexOf(bytes: Uint8Array): string {
  const shown = bytes.subarray(0, MAX_SHOWN);
  const lines: string[] = [];
  for (let at = 0; at < shown.length; at += PER_LINE) {
    const line = shown.subarray(at, at + PER_LINE);
    const hex = [...line].map((b) => b.toString(16).padStart(2, "0"));
    const text = [...line].map((b) => (b >= 32 && b < 127 ? String.fromCharCode(b) : ".")).join("");
    lines.push(`${at.toString(16).padStart(8, "0")}  ${hex.join(" ").padEnd(PER_LINE * 3 - 1)}  ${text}`);
  }
  return lines.join("\n");
}
