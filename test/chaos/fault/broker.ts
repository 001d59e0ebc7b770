/** What a broker can do to us: lose its whole store, lose its streams while it runs, deliver twice and in disorder. */
import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import { HEADER, STREAM } from "@vedette/proto";
import { type World, waitFor } from "../../kit/index.ts";
import { cameTrue, DOWN_MS, type Fault, type Struck, type Trace } from "./fault.ts";

const MESS_MS = 2_500;
const SEEN_MS = 15_000;

/** A log that was lost makes its holder open an era as soon as there is something to publish. */
function eraOpens({ store }: World): Trace {
  const after = new Date();
  return async () => {
    const [row] = await store.query<{ n: number }>("SELECT count() AS n FROM era WHERE opened_at > {after:DateTime64(3, 'UTC')}", {
      after,
    });
    return (row?.n ?? 0) > 0;
  };
}

interface Taken {
  readonly last: number;
  /** Messages with the bytes of an earlier one. */
  readonly repeated: number;
  /** Messages after one of their epoch that begins later. */
  readonly overtaken: number;
}

/** What the broker's stream of observations holds after a place in it. */
async function takenAfter(world: World, place: number): Promise<Taken> {
  const connection = await world.connectTenant(world.tenant);
  try {
    const { streams } = await jetstreamManager(connection);
    const { state } = await streams.info(STREAM.observations);
    const bytes = new Set<string>();
    const begins = new Map<string, number>();
    let [repeated, overtaken] = [0, 0];
    for (let seq = place + 1; seq <= state.last_seq; seq++) {
      const message = await streams.getMessage(STREAM.observations, { seq });
      if (message === null) continue;
      const digest = createHash("sha256").update(message.data).digest("hex");
      const epoch = message.header.get(HEADER.epoch);
      const first = Number(message.header.get(HEADER.first));
      const latest = begins.get(epoch) ?? 0;
      if (bytes.has(digest)) repeated += 1;
      if (first < latest) overtaken += 1;
      bytes.add(digest);
      begins.set(epoch, Math.max(latest, first));
    }
    return { last: state.last_seq, repeated, overtaken };
  } finally {
    await connection.close();
  }
}

export function brokerFaults({ world, agent, random }: Struck): readonly Fault[] {
  const storeDeleted: Fault = {
    name: "broker's store deleted",
    async strike() {
      await world.kill("nats");
      const trace = eraOpens(world);
      await rm(join(world.folder, "nats", "stream"), { recursive: true, force: true });
      await sleep(random() * DOWN_MS);
      await world.start("nats");
      return trace;
    },
  };

  const streamsDeleted: Fault = {
    name: "streams deleted",
    async strike() {
      const trace = eraOpens(world);
      // They may just be made anew.
      await waitFor("streams", async () => (await world.deleteStreams()) > 0, SEEN_MS, 500);
      return trace;
    },
  };

  const disorder: Fault = {
    name: "doubled and reordered delivery",
    async strike() {
      // It may just be made anew.
      const stream = () => takenAfter(world, Number.MAX_SAFE_INTEGER).catch(() => null);
      const { last } = await waitFor("the stream of observations", stream, SEEN_MS, 500);
      const isSeen = async () => {
        const { repeated, overtaken } = await takenAfter(world, last);
        return repeated > 0 && overtaken > 0;
      };
      agent.order("mess");
      await sleep(MESS_MS);
      const came = await cameTrue(waitFor("delivery in disorder", isSeen, SEEN_MS, 500));
      agent.order("order");
      return came;
    },
  };

  return [storeDeleted, streamsDeleted, disorder];
}
