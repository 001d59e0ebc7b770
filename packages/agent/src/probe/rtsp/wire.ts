/** RTSP requests and what is used of the answers. RFC 2326; SDP by RFC 8866. Media is never asked for. */
import { field, type Head } from "../../net/head.ts";
import { clean, decodeText } from "../../net/text.ts";

export interface SdpMedia {
  readonly kind: string;
  readonly protocol: string;
  readonly encodings: readonly string[];
}

const MAX_MEDIA = 32;
const MAX_LINES = 2_000;

export function requestText(method: "OPTIONS" | "DESCRIBE", url: string, sequence: number): string {
  const accept = method === "DESCRIBE" ? "Accept: application/sdp\r\n" : "";
  return `${method} ${url} RTSP/1.0\r\nCSeq: ${sequence}\r\nUser-Agent: Vedette\r\n${accept}\r\n`;
}

/** Method names of Public, sorted. */
export function methodsOf(head: Head): string[] {
  const names = field(head, "public")
    .slice(0, 1024)
    .split(",")
    .map((m) => clean(m, 32).toUpperCase());
  return [...new Set(names.filter((m) => /^[A-Z_]+$/.test(m)))].sort();
}

/** `Session: id;timeout=60`, s. */
export function sessionTimeoutOf(head: Head): number | undefined {
  const text = /;\s{0,8}timeout=(\d{1,6})/i.exec(field(head, "session").slice(0, 256))?.[1];
  return text === undefined ? undefined : Number(text);
}

/** Media lines with their rtpmap encodings, in the order sent; empty where the body is no session description. */
export function parseSdp(body: Uint8Array): SdpMedia[] {
  const media: { kind: string; protocol: string; encodings: Set<string> }[] = [];
  const lines = decodeText(body).split("\n", MAX_LINES);
  if (!lines.some((l) => l.startsWith("v=0"))) return [];
  for (const raw of lines) {
    const line = raw.trimEnd();
    if (line.startsWith("m=")) {
      // m=<media> <port> <proto> <fmt> ...
      const [kind = "", , protocol = ""] = line.slice(2, 258).split(" ");
      if (media.length === MAX_MEDIA) break;
      media.push({ kind: clean(kind, 32).toLowerCase(), protocol: clean(protocol, 32).toUpperCase(), encodings: new Set() });
    } else if (line.startsWith("a=rtpmap:")) {
      const encoding = line.slice(9, 265).split(" ")[1]?.split("/")[0];
      if (encoding) media.at(-1)?.encodings.add(clean(encoding, 32));
    }
  }
  return media.map((m) => ({ ...m, encodings: [...m.encodings].sort() }));
}
