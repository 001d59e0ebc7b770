/**
 * An agent that only forwards: `node agent.ts DATA`, where DATA holds an identity and an outbox. It says on stdout how many observations
 * wait for a receipt, and ends with its stdin.
 */
import { join } from "node:path";
import { createForwarder } from "@vedette/agent/src/forward.ts";
import { loadIdentity } from "@vedette/agent/src/identity.ts";
import { systemClock } from "@vedette/agent/src/net/clock.ts";
import { createDiskOutbox } from "@vedette/agent/src/outbox/disk.ts";
import { natsBroker } from "@vedette/agent/src/publish.ts";
import { pino } from "pino";

const STATUS_MS = 100;

const [data = ""] = process.argv.slice(2);
const identity = loadIdentity(data);
if (identity === undefined) throw new Error(`${data} holds no identity`);
const outbox = createDiskOutbox({ path: join(data, "outbox.sqlite"), now: Date.now });
const forwarder = createForwarder({
  outbox,
  open: natsBroker(() => identity),
  clock: systemClock,
  random: Math.random,
  agentVersion: "bench",
  bootId: "bench",
  offset: () => ({ offsetMs: 0, uncertaintyMs: 1 }),
  onApplied: () => undefined,
  logger: pino({ level: process.env["VEDETTE_TEST_LOG"] ?? "silent" }, pino.destination(2)),
});
const ends = new AbortController();
process.stdin.on("end", () => ends.abort()).resume();
const status = setInterval(() => process.stdout.write(`${outbox.size().depth}\n`), STATUS_MS);
await forwarder.run(ends.signal);
clearInterval(status);
outbox.close();
