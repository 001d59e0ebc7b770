/** Clients of the site's tests: third-party libraries and plain sockets, none of the agent's code. */
import { createSocket } from "node:dgram";
import { type IncomingHttpHeaders, request } from "node:http";
import { request as secureRequest } from "node:https";
import { connect } from "node:net";
import { type ConnectionOptions, type PeerCertificate, connect as tlsConnect } from "node:tls";
import { Bonjour, type Service } from "bonjour-service";
import snmp, { type Varbind } from "net-snmp";
import { Client } from "node-ssdp";

const DEADLINE_MS = 3_000;

export interface Page {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export function get(url: string): Promise<Page> {
  return new Promise((resolve, reject) => {
    const open = url.startsWith("https:") ? secureRequest : request;
    const sent = open(url, { rejectUnauthorized: false, timeout: DEADLINE_MS }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (text: string) => {
        body += text;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    sent.once("error", reject).once("timeout", () => sent.destroy(new Error(`no answer from ${url}`)));
    sent.end();
  });
}

/** What comes within the wait after `text` was sent; rejects where the port is shut. */
export function talk(address: string, port: number, text: string, waitMs = 300): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    const socket = connect({ host: address, port }, () => {
      if (text !== "") socket.write(text);
      setTimeout(() => socket.destroy(), waitMs);
    });
    socket.on("data", (bytes: Buffer) => parts.push(bytes));
    socket.once("error", reject).once("close", () => resolve(Buffer.concat(parts)));
  });
}

export function describe(address: string, port: number, path: string): Promise<string> {
  const message = `DESCRIBE rtsp://${address}:${port}${path} RTSP/1.0\r\nCSeq: 2\r\nAccept: application/sdp\r\n\r\n`;
  return talk(address, port, message).then((bytes) => bytes.toString("latin1"));
}

export interface Handshake {
  readonly protocol: string | null;
  readonly cipher: string;
  readonly certificate: PeerCertificate;
  /** Bits of a finite-field key exchange, else null. */
  readonly dhBits: number | null;
}

export function handshake(address: string, port: number, options: ConnectionOptions = {}): Promise<Handshake> {
  return new Promise((resolve, reject) => {
    const socket = tlsConnect(
      { host: address, port, rejectUnauthorized: false, ciphers: "ALL:@SECLEVEL=0", minDHSize: 512, ...options },
      () => {
        const key = socket.getEphemeralKeyInfo();
        const dhBits = key !== null && "type" in key && key.type === "DH" ? key.size : null;
        resolve({ protocol: socket.getProtocol(), cipher: socket.getCipher().name, certificate: socket.getPeerCertificate(), dhBits });
        socket.destroy();
      },
    );
    socket.once("error", reject);
  });
}

export interface SsdpAnswer {
  readonly from: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A search with node-ssdp, from its own loopback address. */
export async function search(source: string, target: string, waitMs = 1_200): Promise<SsdpAnswer[]> {
  const client = new Client({ explicitSocketBind: true });
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  socket.on("listening", () => socket.setMulticastInterface(source));
  client.sockets = { [source]: socket };
  const answers: SsdpAnswer[] = [];
  client.on("response", (headers: Record<string, string>, _status: number, from: { address: string }) =>
    answers.push({ from: from.address, headers }),
  );
  await client.search(target);
  await new Promise((resolve) => setTimeout(resolve, waitMs));
  client.stop();
  return answers;
}

/** NOTIFY messages, as they are heard until it is closed. */
export function hearNotices(source: string): { readonly heard: { from: string; text: string }[]; close(): void } {
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  const heard: { from: string; text: string }[] = [];
  socket.on("message", (bytes, from) => heard.push({ from: from.address, text: bytes.toString("latin1") }));
  socket.bind({ address: "239.255.255.250", port: 1900 }, () => socket.addMembership("239.255.255.250", source));
  return { heard, close: () => socket.close() };
}

/** DNS-SD services of a type, by bonjour-service. */
export async function browse(source: string, type: string, waitMs = 1_200): Promise<Service[]> {
  const bonjour = new Bonjour({ interface: source, bind: "0.0.0.0" } as object);
  const found: Service[] = [];
  bonjour.find({ type }, (service) => found.push(service));
  await new Promise((resolve) => setTimeout(resolve, waitMs));
  await new Promise<void>((resolve) => bonjour.destroy(() => resolve()));
  return found;
}

export function snmpGet(address: string, port: number, oids: string[], community = "public"): Promise<Varbind[]> {
  const session = snmp.createSession(address, community, { port, timeout: 500, retries: 1, version: snmp.Version2c });
  return new Promise((resolve, reject) => {
    session.get(oids, (error, varbinds) => {
      session.close();
      if (error !== null) reject(error);
      else resolve(varbinds ?? []);
    });
  });
}

export function snmpColumn(address: string, port: number, oid: string): Promise<Varbind[]> {
  const session = snmp.createSession(address, "public", { port, timeout: 500, retries: 1, version: snmp.Version2c });
  const rows: Varbind[] = [];
  return new Promise((resolve, reject) => {
    session.subtree(
      oid,
      20,
      (varbinds: Varbind[]) => void rows.push(...varbinds),
      (error) => {
        session.close();
        if (error) reject(error);
        else resolve(rows);
      },
    );
  });
}
