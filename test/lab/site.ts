/** A network with daemons in it and a namespace for the agent, made for one test file. */
import { avahi } from "./avahi/product.ts";
import { rtspDigest, rtspOpen } from "./gst-rtsp-server/product.ts";
import { minidlna } from "./minidlna/product.ts";
import { type LabHost, openNetwork, whyNoNetwork } from "./network.ts";
import { nginxModern, nginxWeak } from "./nginx/product.ts";
import { onvif } from "./onvif/product.ts";
import { type Product, type Started, startProduct, stopProduct } from "./product.ts";
import { snmpd } from "./snmpd/product.ts";
import { sshd } from "./sshd/product.ts";
import { isInstalled } from "./tls/program.ts";
import { wsdd } from "./wsdd/product.ts";

export const PRODUCTS: readonly Product[] = [snmpd, avahi, minidlna, nginxModern, nginxWeak, sshd, rtspOpen, rtspDigest, wsdd, onvif];
/** What the agent may look at: silent addresses take it longest. Hosts at other lab addresses are on its link all the same. */
export const SCOPE = "198.18.0.0/26";
export const SCOPE_ADDRESSES = 62;
const AGENT = "198.18.0.2";

export interface LabSite {
  readonly agent: LabHost;
  /** By the product's name. */
  readonly started: ReadonlyMap<string, Started>;
  add(name: string, address: string): Promise<LabHost>;
  close(): Promise<void>;
}

/** Whether there can be a lab here; where not, says why. */
export async function isPossible(): Promise<boolean> {
  const why = await whyNoNetwork();
  if (why !== undefined) process.stderr.write(`skipped: ${why}\n`);
  return why === undefined;
}

/** Says which program is not there. */
export async function areInstalled(programs: readonly string[]): Promise<boolean> {
  const absent: string[] = [];
  for (const program of programs) if (!(await isInstalled(program))) absent.push(program);
  for (const program of absent) process.stderr.write(`skipped where needed: ${program} is not installed\n`);
  return absent.length === 0;
}

export async function installed(products: readonly Product[]): Promise<Product[]> {
  const there: Product[] = [];
  for (const product of products) if ((await areInstalled(product.programs)) && (await product.isUsable?.()) !== false) there.push(product);
  return there;
}

export async function openSite(products: readonly Product[]): Promise<LabSite> {
  const network = await openNetwork();
  const started = new Map<string, Started>();
  const close = async (): Promise<void> => {
    await Promise.all([...started.values()].map(stopProduct));
    await network.close();
  };
  try {
    const agent = await network.add("agent", AGENT);
    const hosts: [Product, LabHost][] = [];
    for (const product of products) hosts.push([product, await network.add(product.name, product.address)]);
    await Promise.all(hosts.map(async ([product, host]) => started.set(product.name, await startProduct(product, host))));
    return { agent, started, add: network.add, close };
  } catch (error) {
    await close();
    throw error;
  }
}
