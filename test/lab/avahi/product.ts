/** avahi-daemon that announces a camera's services from service files, without D-Bus. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Product, Started } from "../product.ts";
import { ready, start } from "../program.ts";
import expected from "./expected.json" with { type: "json" };

interface Announced {
  readonly file: string;
  readonly type: string;
  readonly port: number;
  readonly txt: readonly string[];
}

const SERVICES: readonly Announced[] = [
  { file: "rtsp.service", type: "_rtsp._tcp", port: 554, txt: ["path=live"] },
  { file: "http.service", type: "_http._tcp", port: 80, txt: ["path=/", "model=LC-1"] },
];

const CONFIG = `[server]
host-name=lab-camera
domain-name=local
use-ipv4=yes
use-ipv6=no
allow-interfaces=eth0
enable-dbus=no
[publish]
publish-hinfo=no
publish-workstation=no
publish-aaaa-on-ipv4=no
[reflector]
enable-reflector=no
`;

function serviceFile({ type, port, txt }: Announced): string {
  const records = txt.map((t) => `<txt-record>${t}</txt-record>`).join("");
  return `<?xml version="1.0" standalone="no"?><!DOCTYPE service-group SYSTEM "avahi-service.dtd">
<service-group><name>Lab camera</name><service><type>${type}</type><port>${port}</port>${records}</service></service-group>
`;
}

export const avahi: Product = {
  name: "avahi",
  address: "198.18.0.12",
  programs: ["avahi-daemon"],
  expected,
  async start(host, folder) {
    await mkdir(join(folder, "services"));
    await writeFile(join(folder, "avahi-daemon.conf"), CONFIG);
    await writeFile(join(folder, "hosts"), "");
    for (const service of SERVICES) await writeFile(join(folder, "services", service.file), serviceFile(service));
    const view = { empty: ["/run"], folders: ["/run/avahi-daemon"], bound: { "/etc/avahi": folder } };
    return ready(start(host, "avahi-daemon", ["--no-drop-root", "--no-rlimits", "--no-chroot"], { view }), ["udp/5353"]);
  },
};

/** It reads its services anew, finds one gone, and says goodbye to it (RFC 6762 10.1). */
export async function withdrawService({ folder, running }: Started, file: string): Promise<void> {
  await rm(join(folder, "services", file));
  running.child.kill("SIGHUP");
}
