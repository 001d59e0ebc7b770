/** The agent in its namespace: what the lab asks of it, and what it tells. */
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { LabHost } from "../network.ts";
import { outputIn, start } from "../program.ts";
import type { SeenLook } from "./seen.ts";

const ROUND_MS = 120_000;

export interface RoundOptions {
  readonly scope: readonly string[];
  readonly budget?: { readonly sitePerSecond?: number; readonly hostPerSecond?: number; readonly sweepHostPerSecond?: number };
}

export interface Round {
  readonly looks: readonly SeenLook[];
  readonly silentAddresses: readonly string[];
}

export async function takeRound(host: LabHost, options: RoundOptions): Promise<Round> {
  const text = await outputIn(host, process.execPath, [join(import.meta.dirname, "round.ts"), JSON.stringify(options)], ROUND_MS);
  const lines = text.trim().split("\n");
  const { notLookedAt } = JSON.parse(lines.pop() ?? "{}") as { notLookedAt: { silentAddresses: string[] } };
  return { looks: lines.map((line) => JSON.parse(line) as SeenLook), silentAddresses: notLookedAt.silentAddresses };
}

export interface LiveAgent {
  readonly looks: readonly SeenLook[];
  /** The first look, told from now on or before, that fits. @throws after the time, with what was told last */
  until(fits: (look: SeenLook) => boolean, ms: number): Promise<SeenLook>;
  stop(): Promise<void>;
}

export interface LiveOptions extends RoundOptions {
  readonly intervals: Readonly<Record<string, number>>;
  readonly confirmMs: number;
}

export function startLive(host: LabHost, options: LiveOptions): LiveAgent {
  const text = JSON.stringify({ exclude: [], ...options });
  const running = start(host, process.execPath, [join(import.meta.dirname, "live.ts"), text]);
  const looks: SeenLook[] = [];
  const { stdout, stdin } = running.child;
  if (stdout === null || stdin === null) throw new Error("the child has no pipes");
  const lines = createInterface({ input: stdout });
  lines.on("line", (line) => looks.push(JSON.parse(line) as SeenLook));
  return {
    looks,
    async until(fits, ms) {
      const signal = AbortSignal.timeout(ms);
      for (;;) {
        const found = looks.find(fits);
        if (found !== undefined) return found;
        await once(lines, "line", { signal }).catch(() => {
          throw new Error(`not told within ${ms} ms; last: ${JSON.stringify(looks.slice(-3))} ${running.words().slice(0, 500)}`);
        });
      }
    },
    async stop() {
      stdin.end();
      if (running.child.exitCode === null)
        await once(running.child, "exit", { signal: AbortSignal.timeout(10_000) }).catch(() => running.stop());
    },
  };
}
