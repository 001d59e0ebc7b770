/** Text from the network, made safe to store and to show. */

/** UTF-8 where it is, else Latin-1: devices announce charsets that they do not use. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  }
}

/** One line: control characters and runs of white space become one space, ends trimmed, at most `max` UTF-16 units, no lone surrogate. */
export function clean(text: string, max: number): string {
  // \p{C}: control, format (bidirectional overrides), surrogate and unassigned code points.
  const line = text
    .slice(0, max * 4)
    .replace(/[\p{C}\p{Z}]/gu, " ")
    .replace(/ +/g, " ")
    .trim();
  return line.slice(0, max).toWellFormed().trimEnd();
}
