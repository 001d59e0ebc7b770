/**
 * A whole collector that can be told to stop itself with SIGSTOP exactly at a step of its work. Argument: its config in JSON.
 * Standard input: a step point a line, e.g. "before publish", which holds once; its end ends the collector. Standard output: one line
 * of JSON when ready, and "stopped" just before it stops itself.
 */
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { parseCollectorConfig } from "@vedette/collector/src/config.ts";
import { runCollector } from "@vedette/collector/src/main.ts";
import { pino } from "pino";

const ending = new AbortController();
let stopAt: string | null = null;
const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  stopAt = line;
  writeSync(1, "armed\n");
});
lines.on("close", () => ending.abort());

await runCollector(parseCollectorConfig(JSON.parse(process.argv[2] ?? "{}")), {
  logger: pino({ level: process.env["VEDETTE_TEST_LOG"] ?? "silent" }, pino.destination(2)),
  signal: ending.signal,
  onReady: (ready) => writeSync(1, `${JSON.stringify(ready)}\n`),
  atStep(point) {
    if (point !== stopAt) return;
    stopAt = null;
    writeSync(1, "stopped\n");
    process.kill(process.pid, "SIGSTOP");
  },
});
process.exit(0);
