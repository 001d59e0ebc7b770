/** Child: an agent's schedule without a centre, until standard input ends. node live.ts OPTIONS; prints every observation as it is told. */
import { fromBinary } from "@bufbuild/protobuf";
import { createEngine } from "@vedette/agent/src/engine.ts";
import { systemClock } from "@vedette/agent/src/net/clock.ts";
import { memoryProbeLog } from "@vedette/agent/src/net/probe-log.ts";
import { createMemoryOutbox } from "@vedette/agent/src/outbox/memory.ts";
import { type Ceiling, stand } from "@vedette/agent/src/policy.ts";
import { ObservationSchema } from "@vedette/proto";
import pino from "pino";
import { seen } from "./seen.ts";

interface LiveOptions extends Omit<Ceiling, "tier"> {
  /** By schedule name, ms. */
  readonly intervals: Readonly<Record<string, number>>;
  readonly confirmMs: number;
}

const { intervals, confirmMs, ...ceiling } = JSON.parse(process.argv[2] ?? "{}") as LiveOptions;
const outbox = createMemoryOutbox({ now: () => systemClock.wall() });
let told = 0;

function tell(): void {
  for (let batch = outbox.batch(told); batch !== undefined; batch = outbox.batch(told)) {
    for (const bytes of batch.observations) process.stdout.write(`${JSON.stringify(seen(fromBinary(ObservationSchema, bytes)))}\n`);
    told = batch.last;
  }
}

const engine = createEngine({
  standing: { ...stand({ ...ceiling, tier: "polite" }), intervals: new Map(Object.entries(intervals)), confirmMs },
  outbox,
  probeLog: memoryProbeLog(),
  clock: systemClock,
  random: Math.random,
  logger: pino({ level: "warn" }, pino.destination(2)),
  captures: [],
  onAppended: tell,
});
const ends = new AbortController();
process.stdin.on("end", () => ends.abort()).resume();
await engine.run(ends.signal);
