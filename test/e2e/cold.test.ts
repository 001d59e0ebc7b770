/** Sites that nothing is heard of leave the memory of their bucket's holder, however busy the others of the bucket are. */
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { BucketHolder } from "@vedette/collector/src/bucket/holder.ts";
import { Applier } from "@vedette/collector/src/log/apply.ts";
import { wholeReader } from "@vedette/collector/src/store/index.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { guardObservation, HeldSite, startTestStack, type TestStack } from "../kit/index.ts";

const T0 = Date.UTC(2026, 2, 3, 8);
const HOUR = 3_600_000;
/** A host without an identifier is waited for so long, ms. */
const SETTLED_MS = 5_000;
const NEVER_CLOSE = Number.POSITIVE_INFINITY;
const ROUNDS = 5;

let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack.stop());

it("a quiet site leaves memory while another of its bucket has something due at every step", async () => {
  const [quiet, busy] = [await HeldSite.make(stack, 1, T0), await HeldSite.make(stack, 2, T0)];
  const connection = await stack.connectCentre();
  const holder = new BucketHolder({
    bucket: quiet.bucket,
    store: stack.store,
    applier: new Applier(stack.store),
    readWhole: wholeReader(stack.store),
    bus: { js: jetstream(connection), jsm: await jetstreamManager(connection), replicas: 1 },
    logger: stack.logger,
    now: () => quiet.now,
    sites: () => [quiet.ref, busy.ref],
    decisions: () => quiet.decisions,
    onApplied: () => undefined,
  });
  let told = 0;
  const tell = async (at: number) => {
    quiet.now = at;
    busy.now = at;
    await busy.stored([guardObservation("198.18.0.11", ++told % 2 === 0, at)]);
  };
  await quiet.stored([guardObservation("198.18.0.10", true, T0)]);
  await tell(T0);
  quiet.now = T0 + SETTLED_MS;
  await holder.open();
  expect(holder.observations).toBe(2);
  for (let round = 1; round <= ROUNDS; round++) {
    await tell(T0 + 30 * HOUR + round * 1_000);
    await holder.read(busy.ref);
    expect(await holder.step(NEVER_CLOSE)).toBe(true);
  }
  expect(holder.observations).toBe(told);
  // The quiet one is known all the same.
  expect(holder.devices).toBe(2);
});
