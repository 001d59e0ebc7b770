/**
 * SSDP of the device side, by bytes of its own: node-ssdp binds wildcards, skips loopback and has no ssdp:update.
 * UPnP Device Architecture 2.0, 1.2 and 1.3
 */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { bindUdp } from "../listener.ts";

const GROUP = "239.255.255.250";
const PORT = 1900;
const MAX_AGE_S = 1_800;

export interface SsdpDevice {
  readonly udn: string;
  readonly server: string;
  readonly types: readonly string[];
  readonly location: string;
  readonly bootId: number;
}

export interface Search {
  readonly target: string;
  readonly waitS: number;
  readonly address: string;
  readonly port: number;
}

/** null: not a search that must be answered. */
export function parseSearch(text: string, from: { readonly address: string; readonly port: number }): Search | null {
  const [first = "", ...lines] = text.split(/\r?\n/);
  if (!/^M-SEARCH \* HTTP\/1\.[01]$/.test(first.trim())) return null;
  const headers = new Map(
    lines.map((line) => [line.split(":", 1)[0]?.trim().toLowerCase() ?? "", line.slice(line.indexOf(":") + 1).trim()]),
  );
  if (headers.get("man") !== '"ssdp:discover"') return null;
  const target = headers.get("st");
  const waitS = Number(headers.get("mx") ?? "0");
  return target === undefined || !Number.isFinite(waitS) ? null : { target, waitS, address: from.address, port: from.port };
}

/** Notification types of a root device with their USNs. */
function names(device: SsdpDevice): { type: string; usn: string }[] {
  const uuid = `uuid:${device.udn}`;
  return [{ type: uuid, usn: uuid }, ...["upnp:rootdevice", ...device.types].map((type) => ({ type, usn: `${uuid}::${type}` }))];
}

function lines(...text: string[]): Buffer {
  return Buffer.from([...text, "", ""].join("\r\n"));
}

export function searchAnswers(device: SsdpDevice, target: string, now: number): Buffer[] {
  return names(device)
    .filter(({ type }) => target === "ssdp:all" || target === type)
    .map(({ type, usn }) =>
      lines(
        "HTTP/1.1 200 OK",
        `CACHE-CONTROL: max-age=${MAX_AGE_S}`,
        `DATE: ${new Date(now).toUTCString()}`,
        "EXT:",
        `LOCATION: ${device.location}`,
        `SERVER: ${device.server}`,
        `ST: ${type}`,
        `USN: ${usn}`,
        `BOOTID.UPNP.ORG: ${device.bootId}`,
        "CONFIGID.UPNP.ORG: 1",
      ),
    );
}

export type Notice = "ssdp:alive" | "ssdp:byebye" | "ssdp:update";

export function notices(device: SsdpDevice, kind: Notice, nextBootId = device.bootId): Buffer[] {
  const alive = [`CACHE-CONTROL: max-age=${MAX_AGE_S}`, `SERVER: ${device.server}`];
  return names(device).map(({ type, usn }) =>
    lines(
      "NOTIFY * HTTP/1.1",
      `HOST: ${GROUP}:${PORT}`,
      `NT: ${type}`,
      `NTS: ${kind}`,
      `USN: ${usn}`,
      ...(kind === "ssdp:byebye" ? [] : [`LOCATION: ${device.location}`]),
      ...(kind === "ssdp:alive" ? alive : []),
      `BOOTID.UPNP.ORG: ${device.bootId}`,
      "CONFIGID.UPNP.ORG: 1",
      ...(kind === "ssdp:update" ? [`NEXTBOOTID.UPNP.ORG: ${nextBootId}`] : []),
    ),
  );
}

export interface SsdpReceiver {
  close(): Promise<void>;
}

const closed = (socket: Socket) => new Promise<void>((resolve) => socket.close(() => resolve()));

/** Hears multicast searches for every persona of the site: bound to the group, so that it takes nobody's unicast. @throws PortError */
export async function openSsdpReceiver(interfaceAddress: string, heard: (search: Search) => void): Promise<SsdpReceiver> {
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  socket.on("message", (bytes: Buffer, from: RemoteInfo) => {
    const search = parseSearch(bytes.toString("latin1"), from);
    if (search !== null) heard(search);
  });
  await bindUdp(socket, GROUP, PORT);
  socket.on("error", () => {});
  socket.addMembership(GROUP, interfaceAddress);
  return { close: () => closed(socket) };
}

export interface SsdpVoice {
  answer(search: Search): void;
  notify(kind: Notice, nextBootId?: number): Promise<void>;
  close(): Promise<void>;
}

/** Speaks from the persona's own address, and hears searches sent to it by unicast. @throws PortError */
export async function openSsdpVoice(
  address: string,
  device: () => SsdpDevice,
  random: () => number,
  now: () => number,
  intervalMs = 30_000,
): Promise<SsdpVoice> {
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  const waiting = new Set<NodeJS.Timeout>();
  await bindUdp(socket, address, PORT);
  socket.on("error", () => {});
  socket.setMulticastInterface(address);
  socket.setMulticastTTL(2);
  const answer = (search: Search) => {
    // Spread over the wait that the searcher grants, never longer than half a second.
    const timer = setTimeout(
      () => {
        waiting.delete(timer);
        for (const bytes of searchAnswers(device(), search.target, now())) socket.send(bytes, search.port, search.address, () => {});
      },
      random() * Math.min(500, search.waitS * 500),
    );
    waiting.add(timer);
  };
  const notify = async (kind: Notice, nextBootId?: number) => {
    for (const bytes of notices(device(), kind, nextBootId)) {
      await new Promise<void>((resolve) => socket.send(bytes, PORT, GROUP, () => resolve()));
    }
  };
  socket.on("message", (bytes: Buffer, from: RemoteInfo) => {
    const search = parseSearch(bytes.toString("latin1"), from);
    if (search !== null) answer(search);
  });
  const again = setInterval(() => void notify("ssdp:alive"), intervalMs);
  return {
    answer,
    notify,
    close: () => {
      clearInterval(again);
      for (const timer of waiting) clearTimeout(timer);
      return closed(socket);
    },
  };
}
