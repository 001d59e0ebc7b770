/**
 * An agent without a site, as a process: `node producer.ts DATA JOURNAL SKEW_MS FIRST_MARK`. It appends known observations to a real outbox at a steady
 * pace, forwards them and talks with the centre as an agent does; its clock is SKEW_MS off. What it is about to append and what the outbox has
 * taken stands in the journal. A line on stdout says how it fares. On stdin: "pause" and "go" hold the pace, "skew MS" steps the clock,
 * "mess" and "order" govern the courier, "fat" and "lean" the evidence beside each observation; the end of it ends the producer.
 */
import { randomBytes } from "node:crypto";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createForwarder } from "@vedette/agent/src/forward.ts";
import { loadIdentity } from "@vedette/agent/src/identity.ts";
import { systemClock } from "@vedette/agent/src/net/clock.ts";
import { createDiskOutbox } from "@vedette/agent/src/outbox/disk.ts";
import { type Draft, type Entry, OutboxFullError, RANK } from "@vedette/agent/src/outbox/outbox.ts";
import type { Clock } from "@vedette/agent/src/probe/probe.ts";
import { natsBroker } from "@vedette/agent/src/publish.ts";
import { createSession } from "@vedette/agent/src/session.ts";
import { bootMark } from "@vedette/proto";
import { pino } from "pino";
import { portsObservation } from "../kit/batch.ts";
import { STREAM_PORT, streamObservation } from "../kit/stream-observation.ts";
import type { ProducerStatus } from "./agent.ts";
import { createCourier } from "./courier.ts";
import { cameraAddress, DEVICES, readJournal } from "./journal.ts";

const PACE_MS = 120;
const STATUS_MS = 200;
/** As the agent waits for its first exchange with the centre. */
const MEASURE_MS = 3_000;
/** Cap of the outbox: its reserve, an eighth, must fit the small disk too. */
const OUTBOX_BYTES = 4 * 1024 ** 2;
const FAT_BYTES = 12 * 1024;
const VERSION = "chaos";

const [data = "", journal = "", skew = "0", firstMark = "1"] = process.argv.slice(2);
const identity = loadIdentity(data);
if (identity === undefined) throw new Error(`${data} holds no identity`);
const logger = pino({ level: process.env["VEDETTE_TEST_LOG"] ?? "silent" }, pino.destination(2));
let skewMs = Number(skew);
const clock: Clock = {
  ...systemClock,
  wall: () => Date.now() + skewMs,
  monotonic: () => Number(process.hrtime.bigint()) / 1e6,
};
let damaged = 0;
let renewed = 0;
const outbox = createDiskOutbox({
  path: join(data, "outbox.sqlite"),
  now: () => clock.wall(),
  monotonic: () => clock.monotonic(),
  maxBytes: OUTBOX_BYTES,
  onSetAside: () => {
    damaged += 1;
  },
});
const session = createSession({
  data,
  identity,
  clock,
  random: Math.random,
  logger,
  report: () => ({
    agentVersion: VERSION,
    wallMs: clock.wall(),
    monotonicMs: clock.monotonic(),
    bootId: VERSION,
    epoch: outbox.epoch.id,
    outboxDepth: outbox.size().depth,
    outboxBytes: outbox.size().bytes,
  }),
  onPolicy: () => undefined,
  onTask: () => undefined,
});
const courier = createCourier(
  natsBroker(() => session.identity),
  Math.random,
);
const forwarder = createForwarder({
  outbox,
  open: courier.open,
  clock,
  random: Math.random,
  agentVersion: VERSION,
  bootId: VERSION,
  offset: () => session.offset.offset(),
  onApplied: (applied) => {
    if (applied.epochRenewed) renewed += 1;
  },
  logger,
});

const write = (line: object) => appendFileSync(journal, `${JSON.stringify(line)}\n`);
let mark = Math.max(Number(firstMark) - 1, ...readJournal(journal).intents.keys());
let isPaused = false;
let isFat = false;

/** The same boot as every other start here, as that of a machine on which a process is killed. */
function entryOf(look: string, draft: Draft, posture: Uint8Array): Entry {
  const told = { outcome: draft.outcome ?? 0, fault: "", posture, reportedAtMs: clock.wall(), repeats: 0 };
  return { look, rank: RANK.change, draft: { ...draft, monotonicMs: clock.monotonic(), boot: bootMark(VERSION) }, told };
}

/** The camera's whole look at its ports: from then on each change of its stream is one that people are told of. */
function portsEntry(device: number): Entry {
  const ports = { address: cameraAddress(device), list: "common" as const, covered: [STREAM_PORT], open: [{ port: STREAM_PORT }] };
  return entryOf(`ports/${device}`, portsObservation(ports, clock.wall()), new Uint8Array());
}

function produce(): void {
  mark += 1;
  const device = mark % DEVICES;
  const open = Math.floor(mark / DEVICES) % 2 === 1;
  const wallMs = clock.wall();
  write({ mark, device, open, wallMs: Date.now() });
  try {
    const { posture, draft } = streamObservation({ mark: String(mark), address: cameraAddress(device), open, wallMs });
    const evidence = isFat ? { evidence: [{ label: "response", content: randomBytes(FAT_BYTES), truncated: false }] } : {};
    const stream = entryOf(`chaos/${device}`, { ...draft, ...evidence }, posture);
    const seqs = outbox.append(mark <= DEVICES ? [portsEntry(device), stream] : [stream]);
    write({ kept: mark, epoch: outbox.epoch.id, seq: seqs.at(-1) });
    forwarder.wake();
  } catch (error) {
    if (!(error instanceof OutboxFullError)) throw error;
    write({ refused: mark });
  }
}

function obey(line: string): void {
  const [order, argument] = line.split(" ");
  if (order === "pause" || order === "go") isPaused = order === "pause";
  else if (order === "mess" || order === "order") courier.mess(order === "mess");
  else if (order === "fat" || order === "lean") isFat = order === "fat";
  else if (order === "skew") skewMs = Number(argument);
  else throw new RangeError(`"${line}" is no order`);
}

function status(): ProducerStatus {
  const { depth, refused, dropped } = outbox.size();
  const offset = session.offset.offset();
  return {
    depth,
    refused,
    dropped,
    epoch: outbox.epoch.id,
    mark,
    renewed,
    damaged,
    isPaused,
    skewMs,
    ...(offset === undefined ? {} : { offsetMs: offset.offsetMs }),
  };
}

const ends = new AbortController();
createInterface({ input: process.stdin })
  .on("line", obey)
  .on("close", () => ends.abort());
const pace = setInterval(() => {
  if (!isPaused) produce();
}, PACE_MS);
const telling = setInterval(() => process.stdout.write(`${JSON.stringify(status())}\n`), STATUS_MS);
const measured = Promise.race([session.measured, clock.sleep(MEASURE_MS, ends.signal).catch(() => undefined)]);
await Promise.all([measured.then(() => forwarder.run(ends.signal)), session.run(ends.signal)]);
clearInterval(pace);
clearInterval(telling);
outbox.close();
