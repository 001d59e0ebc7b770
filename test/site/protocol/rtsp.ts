/** The RTSP side of a device: OPTIONS and DESCRIBE, by bytes of its own. RFC 2326, 10.1 and 10.2; RFC 4566 */
import { randomBytes } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createSecureServer, type TlsOptions } from "node:tls";
import type { RtspForm } from "../form.ts";

const METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, TEARDOWN, GET_PARAMETER";
const HEAD_BYTES_MOST = 8_192;

function sdp(form: RtspForm, address: string): string {
  const video = [
    "m=video 0 RTP/AVP 96",
    "a=control:trackID=1",
    "a=rtpmap:96 H264/90000",
    "a=fmtp:96 packetization-mode=1;profile-level-id=640028",
  ];
  const audio = ["m=audio 0 RTP/AVP 97", "a=control:trackID=2", "a=rtpmap:97 MPEG4-GENERIC/16000"];
  const head = [
    "v=0",
    `o=- 1 1 IN IP4 ${address}`,
    `s=${form.sessionName}`,
    "c=IN IP4 0.0.0.0",
    "t=0 0",
    "a=control:*",
    "a=range:npt=now-",
  ];
  return `${[...head, ...video, ...(form.audio ? audio : [])].join("\r\n")}\r\n`;
}

interface Message {
  readonly status: string;
  readonly headers?: readonly string[];
  readonly body?: string;
}

function challenges(form: RtspForm): string[] {
  if (form.authentication === "basic") return [`WWW-Authenticate: Basic realm="${form.realm}"`];
  return [`WWW-Authenticate: Digest realm="${form.realm}", nonce="${randomBytes(16).toString("hex")}"`];
}

function pathOf(target: string): string {
  const path = target.replace(/^rtsps?:\/\/[^/]*/i, "").split("?")[0] ?? "";
  return path.length > 1 ? path.replace(/\/$/, "") : path || "/";
}

function reply(form: RtspForm, address: string, method: string, target: string): Message {
  if (method === "OPTIONS") return { status: "200 OK", headers: [`Public: ${METHODS}`] };
  if (method !== "DESCRIBE") return { status: "455 Method Not Valid In This State" };
  if (form.authentication !== "none") return { status: "401 Unauthorized", headers: challenges(form) };
  if (form.paths !== "any" && !form.paths.includes(pathOf(target))) return { status: "404 Stream Not Found" };
  return {
    status: "200 OK",
    headers: [`Content-Base: ${target.replace(/\/?$/, "/")}`, "Content-Type: application/sdp"],
    body: sdp(form, address),
  };
}

function talk(socket: Socket, form: () => RtspForm): void {
  let pending = "";
  socket.setTimeout(15_000, () => socket.destroy());
  socket.on("error", () => socket.destroy());
  socket.on("data", (bytes: Buffer) => {
    pending += bytes.toString("latin1");
    for (let end = pending.indexOf("\r\n\r\n"); end >= 0; end = pending.indexOf("\r\n\r\n")) {
      const [first = "", ...lines] = pending.slice(0, end).split("\r\n");
      pending = pending.slice(end + 4);
      const [method = "", target = "", version = ""] = first.split(" ");
      if (!version.startsWith("RTSP/")) return void socket.end("RTSP/1.0 400 Bad Request\r\n\r\n");
      const sequence =
        lines
          .find((line) => /^cseq:/i.test(line))
          ?.slice(5)
          .trim() ?? "0";
      const now = form();
      const { status, headers = [], body } = reply(now, socket.localAddress ?? "", method, target);
      const length = body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
      socket.write(
        [`RTSP/1.0 ${status}`, `CSeq: ${sequence}`, `Server: ${now.server}`, ...headers, ...length, "", body ?? ""].join("\r\n"),
      );
    }
    if (pending.length > HEAD_BYTES_MOST) socket.destroy();
  });
}

/** @param form the form that holds now: it may change while the server runs. */
export function rtspServer(form: () => RtspForm, tls?: TlsOptions): Server {
  return tls === undefined ? createServer((socket) => talk(socket, form)) : createSecureServer(tls, (socket) => talk(socket, form));
}
