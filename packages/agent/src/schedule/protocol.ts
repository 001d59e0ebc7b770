/** Which probes fit an open TCP port: by what policy says, what it said by itself, what a probe learned there, and last its usual use. */
import type { PortProtocol } from "../policy.ts";

const HTTP = [
  80, 81, 82, 83, 84, 85, 86, 87, 88, 5000, 7080, 8000, 8001, 8008, 8060, 8080, 8081, 8082, 8088, 8090, 8180, 8888, 9000, 9080, 9090, 49152,
];
const HTTPS = [443, 444, 4433, 4443, 5001, 7443, 8443, 8444, 9443, 10443];
const RTSP = [554, 555, 1554, 5554, 7447, 8554, 8555, 9554, 10554];
const RTSPS = [322, 8322];

/** Ports whose servers are no HTTP and no TLS by themselves: files, names, databases, remote desktops. */
const NEITHER: ReadonlySet<number> = new Set([
  21, 22, 23, 25, 53, 110, 111, 135, 139, 143, 389, 445, 513, 514, 515, 548, 873, 2049, 2323, 3260, 3306, 3389, 5432, 5555, 5900, 6379,
]);

/** Servers that speak first: no request of another protocol is sent to them. */
const SPEAKS_FIRST: ReadonlySet<string> = new Set(["telnet", "ssh", "ftp", "smtp", "vnc", "adb", "gdb", "openocd", "shell"]);

export type Application = "http" | "https" | "rtsp" | "rtsps" | "tls" | "silent" | "other";

export interface OpenPort {
  readonly port: number;
  /** What its first bytes are (TcpPort.protocol); "" where it waits to be spoken to. */
  readonly banner: string;
  /** True where a TLS handshake came back, false where it did not; undefined: not tried. */
  readonly tls?: boolean;
  readonly http?: boolean;
}

function usual(port: number): Application | undefined {
  if (HTTP.includes(port)) return "http";
  if (HTTPS.includes(port)) return "https";
  if (RTSP.includes(port)) return "rtsp";
  if (RTSPS.includes(port)) return "rtsps";
  return undefined;
}

function named(protocol: string | undefined): Application | undefined {
  if (protocol === undefined) return undefined;
  return protocol === "http" || protocol === "https" || protocol === "rtsp" || protocol === "rtsps" || protocol === "tls"
    ? protocol
    : "other";
}

/** @param announced what the host itself says of the port */
export function applicationOf(open: OpenPort, hints: readonly PortProtocol[], announced?: Application): Application {
  const told = named(hints.find((h) => h.transport === "tcp" && h.port === open.port)?.protocol);
  if (told !== undefined) return told;
  if (SPEAKS_FIRST.has(open.banner)) return "other";
  if (open.tls === true) return usual(open.port) === "rtsps" ? "rtsps" : "https";
  if (open.banner === "tls-alert") return "tls";
  if (announced === undefined && NEITHER.has(open.port)) return "other";
  return announced ?? usual(open.port) ?? (open.http === true ? "http" : "silent");
}
