/** Whether a server takes one suite in one version, by the word of OpenSSL's or GnuTLS's own client. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { output } from "./program.ts";
import type { Pair } from "./scanners.ts";
import { opensslEnvironment } from "./servers.ts";

const execute = promisify(execFile);
const OPENSSL_VERSION: Readonly<Record<string, string>> = { 769: "-tls1", 770: "-tls1_1", 771: "-tls1_2", 772: "-tls1_3" };

/** False also where OpenSSL does not know the suite: then nothing settles it. */
export async function completesWith(folder: string, port: number, pair: Pair): Promise<boolean> {
  const [version = "", suite = ""] = pair.split(":");
  const flag = OPENSSL_VERSION[version];
  const name = (await opensslNames(folder)).get(Number(suite));
  if (flag === undefined || name === undefined) return false;
  const choose = flag === "-tls1_3" ? ["-ciphersuites", name] : ["-cipher", `${name}:@SECLEVEL=0`];
  const args = ["s_client", "-connect", `127.0.0.1:${port}`, flag, ...choose];
  try {
    const running = execute("openssl", args, { timeout: 10_000, env: opensslEnvironment(folder) });
    running.child.stdin?.end();
    return (await running).stdout.includes(`Cipher is ${name}`);
  } catch {
    return false;
  }
}

async function opensslNames(folder: string): Promise<Map<number, string>> {
  const list = await output("openssl", ["ciphers", "-V", "ALL:eNULL:aNULL:@SECLEVEL=0"], opensslEnvironment(folder));
  const rows = [...list.matchAll(/0x([0-9A-F]{2}),0x([0-9A-F]{2}) - (\S+)/g)];
  return new Map(rows.map(([, high = "", low = "", name = ""]) => [Number.parseInt(high + low, 16), name]));
}
