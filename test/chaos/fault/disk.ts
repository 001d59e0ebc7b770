/** What happens to the disk of a box on a camera pole: torn writes, damage, an old image put back, no room. */
import { randomBytes } from "node:crypto";
import { appendFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fillDisk, type World } from "../../kit/index.ts";
import { readGaps } from "../stored.ts";
import { cameTrue, DRAIN_MS, type Fault, type Struck, type Trace } from "./fault.ts";

const FULL_MS = 1_500;
/** Until the outbox has no room either, with an observation of some 12 KiB every 120 ms. */
const REFUSES_MS = 30_000;
/** Told between the image and its return. */
const TOLD = 4;
export const TWIN = "two agents from one disk image";
/** Header of a WAL frame and half a page. https://www.sqlite.org/fileformat2.html, 4.1 */
const TORN_BYTES = 24 + 2_048;

/** The centre has heard of each of these epochs. */
function areStored({ store }: World, epochs: readonly string[]): Trace {
  return async () => {
    const sql = "SELECT uniqExact(epoch) AS n FROM observation WHERE epoch IN {epochs:Array(String)}";
    const [row] = await store.query<{ n: number }>(sql, { epochs });
    return row?.n === new Set(epochs).size;
  };
}

export function diskFaults({ world, agent, random }: Struck): readonly Fault[] {
  const image = join(world.folder, "image");
  let copies = 0;

  /** Drained before it goes back: what only the lost disk held is lost with any design. */
  const oldDisk: Fault = {
    name: "old disk put back",
    async strike() {
      await agent.kill();
      await agent.image(image);
      agent.start();
      const { mark, epoch } = await agent.says("the agent speaks");
      await agent.says("something is told", (now) => now.mark > mark + TOLD);
      await agent.drain(DRAIN_MS);
      await agent.kill();
      await agent.putBack(image);
      agent.start();
      const now = await agent.says("a new epoch", (s) => s.epoch !== epoch, DRAIN_MS);
      return now.epoch !== epoch && areStored(world, [epoch, now.epoch]);
    },
  };

  /** Both look at the same cameras for a while; then the copy is found and taken away. */
  const twin: Fault = {
    name: TWIN,
    async strike() {
      await agent.kill();
      await agent.image(image);
      copies += 1;
      const copy = await agent.copy(image, join(world.folder, `copy-${copies}`));
      agent.start();
      copy.start();
      try {
        const own = await agent.says("the agent speaks", (s) => s.mark > 0);
        const { mark } = await copy.says("the copy speaks");
        await copy.says("the copy tells something", (s) => s.mark > mark + TOLD);
        await copy.drain(DRAIN_MS);
        const [one, other] = [await agent.says("the agent speaks", (s) => s.mark > own.mark), await copy.says("the copy speaks")];
        return one.epoch !== other.epoch && areStored(world, [one.epoch, other.epoch]);
      } finally {
        await copy.kill();
      }
    },
  };

  const tornWrite: Fault = {
    name: "half-written outbox",
    async strike() {
      await agent.kill();
      const log = `${agent.outbox}-wal`;
      const size = async () => (await stat(log).catch(() => null))?.size ?? 0;
      const before = await size();
      await appendFile(log, randomBytes(TORN_BYTES));
      const after = await size();
      agent.start();
      // The file is as good as it was before the write that never ended.
      const { damaged } = await agent.says("the agent speaks");
      return after === before + TORN_BYTES && damaged === 0;
    },
  };

  const damage: Fault = {
    name: "damaged outbox",
    async strike() {
      await agent.drain(DRAIN_MS);
      const { epoch } = await agent.says("the agent speaks");
      await agent.kill();
      const { size } = await stat(agent.outbox);
      await writeFile(agent.outbox, randomBytes(size));
      await rm(`${agent.outbox}-wal`, { force: true });
      agent.start();
      const { damaged } = await agent.says("the agent speaks");
      const isTold = async () => (await readGaps(world)).some((gap) => gap.reason === "damaged" && gap.epoch === epoch);
      return damaged === 1 && isTold;
    },
  };

  /** Without a broker, so that the outbox has something to keep. */
  const full: Fault = {
    name: "disk full",
    async strike() {
      const before = await agent.says("the agent speaks");
      const told = (await readGaps(world)).length;
      await world.kill("nats");
      const makeRoom = await fillDisk(agent.disk);
      agent.order("fat");
      const isFelt = await cameTrue(
        agent.says("the outbox has no room", (now) => now.refused + now.dropped > before.refused + before.dropped, REFUSES_MS),
      );
      await sleep(random() * FULL_MS);
      agent.order("lean");
      await makeRoom();
      await world.start("nats");
      return isFelt && (async () => (await readGaps(world)).length > told);
    },
  };

  return [oldDisk, twin, tornWrite, damage, ...(agent.isSmall ? [full] : [])];
}
