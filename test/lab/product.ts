/** One daemon as Debian ships it, at its own address in the lab. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Expected } from "./expected.ts";
import type { LabHost } from "./network.ts";
import type { Running } from "./program.ts";

export interface Product {
  readonly name: string;
  readonly address: string;
  /** Must be installed; else its tests are skipped with a notice. */
  readonly programs: readonly string[];
  /** Where a program that is installed may still lack a part; says so. */
  readonly isUsable?: () => Promise<boolean>;
  /** Written from the configuration that its launcher gives it. */
  readonly expected: Expected;
  /** @param folder its own, removed at the end */
  start(host: LabHost, folder: string): Promise<Running>;
}

export interface Started {
  readonly host: LabHost;
  readonly folder: string;
  readonly running: Running;
}

export async function startProduct(product: Product, host: LabHost): Promise<Started> {
  const folder = await mkdtemp(join(tmpdir(), `vedette-lab-${product.name}-`));
  return { host, folder, running: await product.start(host, folder) };
}

export async function stopProduct({ folder, running }: Started): Promise<void> {
  await running.stop();
  await rm(folder, { recursive: true, force: true });
}
