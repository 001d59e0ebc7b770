/**
 * The simulated site as a process of its own: `node test/site/main.ts --bind 127.18.0.0/24 --data FOLDER [--seed TEXT] [--devices N] [--fresh] [--script]`.
 * First line on stdout: {"ready":true,…}; then one line a drift. A line "ready" on stdin starts the script; the end of stdin or SIGTERM ends everything.
 */
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { PortError } from "./listener.ts";
import { PROFILES } from "./profile.ts";
import { type Site, startSite } from "./site.ts";
import { StateError } from "./state.ts";
import { BindError } from "./subnet.ts";

const USAGE = 2;
const IMPOSSIBLE = 3;

const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

function fail(error: unknown, status: number): never {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(status);
}

function options() {
  try {
    const { values } = parseArgs({
      options: {
        bind: { type: "string", default: "127.18.0.0/24" },
        data: { type: "string" },
        seed: { type: "string", default: "demo" },
        devices: { type: "string" },
        "delay-ms": { type: "string" },
        "every-ms": { type: "string" },
        fresh: { type: "boolean", default: false },
        script: { type: "boolean", default: false },
      },
    });
    const { data } = values;
    if (data === undefined) fail("--data is missing: name the folder that keeps the site's state", USAGE);
    const number = (name: "devices" | "delay-ms" | "every-ms") => {
      const text = values[name];
      if (text === undefined) return undefined;
      if (!/^\d{1,7}$/.test(text)) fail(`--${name}: "${text}" is not a whole number`, USAGE);
      return Number(text);
    };
    return { ...values, data, devices: number("devices"), delayMs: number("delay-ms"), everyMs: number("every-ms") };
  } catch (error) {
    return fail(error, USAGE);
  }
}

async function start(): Promise<Site> {
  const { bind, data, seed, devices, delayMs, everyMs, fresh, script } = options();
  try {
    return await startSite({
      bind,
      data,
      seed,
      fresh,
      script,
      ...(devices === undefined ? {} : { devices }),
      ...(delayMs === undefined ? {} : { delayMs }),
      ...(everyMs === undefined ? {} : { everyMs }),
      logger: { info: (fields) => say(fields) },
    });
  } catch (error) {
    if (error instanceof BindError) return fail(error, USAGE);
    if (error instanceof StateError || error instanceof PortError) return fail(error, IMPOSSIBLE);
    return fail(error, IMPOSSIBLE);
  }
}

// Node warns of the weak DH parameters that one persona has on purpose.
process.removeAllListeners("warning");
process.on("warning", (warning) => {
  if (warning.name !== "SecurityWarning") process.stderr.write(`${warning.name}: ${warning.message}\n`);
});

const site = await start();
const end = async () => {
  await site.stop();
  process.exit(0);
};
process.once("SIGTERM", () => void end());
process.once("SIGINT", () => void end());
const input = createInterface({ input: process.stdin });
input.on("line", (line) => {
  if (line.trim() === "ready") site.startScript();
});
input.on("close", () => void end());
say({
  ready: true,
  state: site.statePath,
  captures: site.captures,
  excludePorts: site.excludePorts,
  portHints: site.portHints(),
  radioScope: site.radioScope,
  profiles: PROFILES,
  personas: site.personas(),
  next: site.next,
});
