/** Hosts that point elsewhere, and the one that they point at. */
import { join } from "node:path";
import type { LabHost } from "../network.ts";
import { type Running, ready, start } from "../program.ts";
import { output } from "../tls/program.ts";

const DEVICE = join(import.meta.dirname, "device.ts");

/** @param elsewhere address that LOCATIONs, redirects, records and the certificate name */
export async function startLure(host: LabHost, elsewhere: string, folder: string): Promise<Running> {
  const urls = [
    "-addext",
    `authorityInfoAccess=OCSP;URI:http://${elsewhere}/ocsp`,
    "-addext",
    `crlDistributionPoints=URI:http://${elsewhere}/crl`,
  ];
  const files = ["-keyout", join(folder, "key.pem"), "-out", join(folder, "cert.pem")];
  await output("openssl", ["req", "-x509", "-nodes", "-days", "30", "-newkey", "rsa:2048", "-subj", "/CN=lure.test", ...files, ...urls]);
  const running = start(host, process.execPath, [DEVICE, host.address, elsewhere, folder]);
  return ready(running, ["tcp/80", "tcp/443", "tcp/554", "tcp/8080", "tcp/8081", "udp/1900", "udp/3702", "udp/5353"]);
}
