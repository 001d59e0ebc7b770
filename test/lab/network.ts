/**
 * A network of its own for real daemons: a bridge in one namespace, one namespace and veth per host. Nothing of it stands in the machine's own
 * namespace and no route leads out: 198.18.0.0/15 is set aside for tests of network devices (RFC 2544, RFC 6890).
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

/** Only names with this beginning are looked into and removed. */
const PREFIX = "vd-lab-";
const LAN = `${PREFIX}lan`;
const BITS = 15;
/** Absent where the kernel has no IPv6. */
const IPV6 = "/proc/sys/net/ipv6/conf";
/** Longer than a whole run of the lab: another run on this machine may hold the names. */
const LOCK_MS = 240_000;
/** An abstract Unix socket: the kernel frees it with its holder, whatever ended that. */
const LOCK = "\0vedette-lab";

const execute = promisify(execFile);

export interface LabHost {
  readonly name: string;
  readonly namespace: string;
  /** On eth0, with a prefix of 15 bits: every lab address is on its link. */
  readonly address: string;
  /** "02:00:c6:12:00:0b": the address's bytes behind 02:00. */
  readonly linkAddress: string;
}

export interface Network {
  add(name: string, address: string): Promise<LabHost>;
  /** Ends what still runs in the namespaces, and removes them. */
  close(): Promise<void>;
}

async function ip(...args: readonly string[]): Promise<string> {
  return (await execute("ip", args, { timeout: 10_000 })).stdout;
}

/** @returns undefined, or why there can be no lab here */
export async function whyNoNetwork(): Promise<string | undefined> {
  if (process.platform !== "linux") return "network namespaces are Linux's alone";
  const name = `vd-try-${process.pid}`;
  try {
    await ip("netns", "add", name);
    await ip("-n", name, "link", "add", "vd-br", "type", "bridge");
    return undefined;
  } catch (error) {
    return `network namespaces cannot be made here (root with CAP_SYS_ADMIN and CAP_NET_ADMIN, and iproute2): ${firstLine(error)}`;
  } finally {
    await ip("netns", "del", name).catch(() => undefined);
  }
}

function firstLine(error: unknown): string {
  const { stderr } = error as { stderr?: string };
  return (stderr || String(error)).trim().split("\n", 1)[0] ?? "";
}

/** @throws where the names stay taken by another run */
export async function openNetwork(): Promise<Network> {
  const lock = await takeLock();
  try {
    await removeAll();
    await addNamespace(LAN);
    await ip("-n", LAN, "link", "add", "vd-br", "type", "bridge", "mcast_snooping", "0");
    await ip("-n", LAN, "link", "set", "vd-br", "up");
  } catch (error) {
    await new Promise((resolve) => lock.close(resolve));
    throw error;
  }
  return {
    add: addHost,
    async close() {
      await removeAll();
      await new Promise((resolve) => lock.close(resolve));
    },
  };
}

async function addHost(name: string, address: string): Promise<LabHost> {
  const namespace = `${PREFIX}${name}`;
  const linkAddress = linkAddressOf(address);
  const port = `vd-${address.split(".").slice(2).join("-")}`;
  await addNamespace(namespace);
  await ip("-n", LAN, "link", "add", port, "type", "veth", "peer", "name", "eth0", "address", linkAddress, "netns", namespace);
  await ip("-n", LAN, "link", "set", port, "master", "vd-br", "up");
  await ip("-n", namespace, "address", "add", `${address}/${BITS}`, "dev", "eth0");
  await ip("-n", namespace, "link", "set", "lo", "up");
  await ip("-n", namespace, "link", "set", "eth0", "up");
  await ip("-n", namespace, "route", "add", "224.0.0.0/4", "dev", "eth0");
  return { name, namespace, address, linkAddress };
}

/** IPv6 link-local addresses are usable at once, and no host asks for a router. */
async function addNamespace(namespace: string): Promise<void> {
  await ip("netns", "add", namespace);
  if (!existsSync(IPV6)) return;
  const settings = ["all", "default"].flatMap((each) => [`${IPV6}/${each}/accept_dad`, `${IPV6}/${each}/router_solicitations`]);
  const writing = execute("ip", ["netns", "exec", namespace, "tee", ...settings], { timeout: 10_000 });
  writing.child.stdin?.end("0");
  await writing;
}

function linkAddressOf(address: string): string {
  return ["02", "00", ...address.split(".").map((byte) => Number(byte).toString(16).padStart(2, "0"))].join(":");
}

/** What an earlier run left behind as well: its processes are the ones that stand in namespaces of our names. */
async function removeAll(): Promise<void> {
  const names = (await ip("netns", "list"))
    .split("\n")
    .flatMap((line) => line.split(" ", 1))
    .filter((name) => name.startsWith(PREFIX));
  for (const name of names) {
    for (const pid of (await ip("netns", "pids", name)).split("\n").map(Number)) if (pid > 0) end(pid);
    await ip("netns", "del", name);
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}

async function takeLock(): Promise<Server> {
  for (const until = Date.now() + LOCK_MS; ; ) {
    const server = createServer();
    const taken = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen({ path: LOCK }, () => resolve(true));
    });
    if (taken) return server.unref();
    if (Date.now() > until) throw new Error("another run of the lab on this machine holds its names; wait for its end");
    await delay(500);
  }
}
