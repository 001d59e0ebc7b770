/** What the site remembers between starts: <data>/sim/state.json, readable by its owner alone because it holds private keys. */
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface PersonaState {
  address: string;
  present: boolean;
  /** True port -> port really bound, "tcp/443" -> 8443. */
  ports: Record<string, number>;
  udn: string;
  serial: string;
  mac: string;
  engineId: string;
  /** BOOTID.UPNP.ORG: grows whenever the device joins the network again. */
  bootId: number;
}

export interface SiteState {
  readonly version: 1;
  readonly seed: string;
  readonly bind: string;
  readonly createdAt: number;
  /** notAfter of the certificate that expires by script, ms since 1970. */
  readonly expiresAt: number;
  /** Drifts that happened, in order: the position of the script. */
  readonly drifts: { readonly id: string; readonly at: number }[];
  excludePorts: number[];
  /** Key and chain, PEM, by certificate id. */
  readonly certificates: Record<string, { readonly key: string; readonly chain: string }>;
  readonly personas: Record<string, PersonaState>;
}

export class StateError extends Error {
  override readonly name = "StateError";
}

export interface StateFile {
  readonly path: string;
  readonly value: SiteState;
  save(): Promise<void>;
}

/** Opens or makes the state. @throws StateError where it belongs to another seed or subnet, or cannot be read. */
export async function openState(
  data: string,
  wanted: { seed: string; bind: string; expiresAt: number; now: number; fresh: boolean },
): Promise<StateFile> {
  const folder = join(data, "sim");
  const path = join(folder, "state.json");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (wanted.fresh) await rm(path, { force: true });
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  const value: SiteState =
    text === null
      ? {
          version: 1,
          seed: wanted.seed,
          bind: wanted.bind,
          createdAt: wanted.now,
          expiresAt: wanted.expiresAt,
          drifts: [],
          excludePorts: [],
          certificates: {},
          personas: {},
        }
      : parse(text, path);
  if (value.seed !== wanted.seed || value.bind !== wanted.bind) {
    throw new StateError(`${path} belongs to seed "${value.seed}" on ${value.bind}; start with these, or fresh`);
  }
  let last: Promise<void> = Promise.resolve();
  const write = async () => {
    const next = `${path}.next`;
    await writeFile(next, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
    await rename(next, path);
  };
  // One write at a time: two renames of one temporary file would race.
  return { path, value, save: () => (last = last.then(write, write)) };
}

function parse(text: string, path: string): SiteState {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new StateError(`${path} is not JSON; remove it or start fresh`, { cause });
  }
  const state = value as Partial<SiteState> | null;
  if (typeof state !== "object" || state?.version !== 1 || !Array.isArray(state.drifts) || typeof state.personas !== "object") {
    throw new StateError(`${path} is not a state of this simulated site; remove it or start fresh`);
  }
  return state as SiteState;
}
