/** What other scanners find, as (version, suite) pairs by number. */
import { SUITE_NAMES } from "@vedette/standard/registry";
import { output } from "./program.ts";

/** "771:49200": version and suite. */
export type Pair = string;

export function pair(version: number, suite: number): Pair {
  return `${version}:${suite}`;
}

const VERSIONS: Readonly<Record<string, number>> = { SSLv3: 768, "TLSv1.0": 769, "TLSv1.1": 770, "TLSv1.2": 771, "TLSv1.3": 772 };

const BY_NAME: ReadonlyMap<string, number> = new Map([...SUITE_NAMES].map(([id, name]) => [name, id]));

export async function sslscan(port: number): Promise<Set<Pair>> {
  const xml = await output("sslscan", ["--xml=-", "--no-colour", "--timeout=1", `127.0.0.1:${port}`]);
  const found = xml.matchAll(/<cipher status="[^"]*" sslversion="([^"]*)" bits="\d*" cipher="[^"]*" id="0x([0-9A-Fa-f]+)"/g);
  return new Set([...found].map(([, version = "", id = ""]) => pair(versionOf(version), Number.parseInt(id, 16))));
}

export async function nmap(port: number): Promise<Set<Pair>> {
  const xml = await output("nmap", ["-Pn", "-n", "-p", String(port), "--script", "ssl-enum-ciphers", "-oX", "-", "127.0.0.1"]);
  const out = new Set<Pair>();
  let version = 0;
  for (const [, table, name] of xml.matchAll(/<table key="((?:SSL|TLS)v[\d.]+)">|<elem key="name">([^<]+)<\/elem>/g)) {
    if (table !== undefined) version = versionOf(table);
    else if (name !== undefined) out.add(pair(version, suiteOf(name)));
  }
  return out;
}

function versionOf(name: string): number {
  const version = VERSIONS[name];
  if (version === undefined) throw new Error(`a scanner speaks of version ${name}`);
  return version;
}

/** nmap writes TLS 1.3 suites as TLS_AKE_WITH_..., as if they had a key exchange. */
function suiteOf(name: string): number {
  const id = BY_NAME.get(name.replace("TLS_AKE_WITH_", "TLS_"));
  if (id === undefined) throw new Error(`nmap speaks of suite ${name}`);
  return id;
}
