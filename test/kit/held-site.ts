/** One bucket holder on real engines, with a clock and decisions of the test's own, and observations put straight into the store. */

import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { BucketHolder } from "@vedette/collector/src/bucket/holder.ts";
import type { Decisions } from "@vedette/collector/src/derive/index.ts";
import { epochBeginning } from "@vedette/collector/src/ingest/clock.ts";
import { decodeBatch } from "@vedette/collector/src/ingest/decode.ts";
import { toRow } from "@vedette/collector/src/ingest/row.ts";
import { Applier } from "@vedette/collector/src/log/apply.ts";
import type { Bus } from "@vedette/collector/src/log/stream.ts";
import type { AtStep } from "@vedette/collector/src/step.ts";
import { insertEpochs, insertObservations, type Store, wholeReader } from "@vedette/collector/src/store/index.ts";
import { batchOf, newEpoch, type ObservationInit } from "./batch.ts";
import type { TestStack } from "./stack.ts";

const NO_DECISIONS: Decisions = { profiles: [], memberships: [], names: [], attestations: [], overrules: [] };

/** A site of tenant "demo" in a bucket of its own. */
export class HeldSite {
  readonly ref: { readonly tenant: string; readonly site: string };
  readonly bucket: number;
  readonly #stack: TestStack;
  readonly #bus: Bus;
  readonly #epoch = newEpoch();
  #next = 1;
  /** What every holder of it takes for the time, ms. */
  now: number;
  decisions = NO_DECISIONS;

  private constructor(stack: TestStack, bus: Bus, bucket: number, now: number) {
    this.#stack = stack;
    this.#bus = bus;
    this.bucket = bucket;
    this.ref = { tenant: "demo", site: `site-${bucket}` };
    this.now = now;
  }

  static async make(stack: TestStack, bucket: number, now: number): Promise<HeldSite> {
    const connection = await stack.connectCentre();
    const bus = { js: jetstream(connection), jsm: await jetstreamManager(connection), replicas: 1 };
    return new HeldSite(stack, bus, bucket, now);
  }

  /**
   * Another collector's holder of the same bucket, not opened.
   * @param o.atStep called at each point of its work; what it throws ends the step there
   * @param o.store default: the stack's own
   */
  holder(o: { readonly atStep?: AtStep; readonly store?: Store } = {}): BucketHolder {
    const { ref, bucket } = this;
    const { logger } = this.#stack;
    const { atStep, store = this.#stack.store } = o;
    return new BucketHolder({
      bucket,
      store,
      applier: new Applier(store),
      readWhole: wholeReader(store),
      bus: this.#bus,
      logger,
      now: () => this.now,
      sites: () => [ref],
      decisions: () => this.decisions,
      onApplied: () => undefined,
      ...(atStep && { atStep }),
    });
  }

  /** Stored now. @param offsetMs what the agent says of its clock; default: it is right */
  async stored(looks: readonly ObservationInit[], offsetMs = 0): Promise<void> {
    const { store } = this.#stack;
    const address = { ...this.ref, agent: "a-1" };
    const epochCreatedMs = Math.min(...looks.map(({ wallMs }) => wallMs ?? 0));
    const sent = batchOf(
      this.#epoch,
      looks.map((look, i) => ({ ...look, seq: this.#next + i })),
      { epochCreatedMs, offsetMs },
    );
    const batch = decodeBatch(sent.bytes, null);
    if (this.#next === 1)
      await insertEpochs(store, [{ ...address, epoch: batch.epoch, createdAt: epochBeginning(batch, this.now) }], this.now);
    this.#next += looks.length;
    await insertObservations(
      store,
      batch.accepted.map((a) => toRow(address, batch, a)),
      this.now,
    );
  }

  async deleteLog(): Promise<void> {
    await this.#bus.jsm.streams.delete("LOG");
  }

  /** The log is empty and gives its sequences once more, as when the broker's disk was put back to what it had been. */
  async rollBackLog(): Promise<void> {
    const { config } = await this.#bus.jsm.streams.info("LOG");
    await this.deleteLog();
    await this.#bus.jsm.streams.add({ ...config, first_seq: 1 });
  }
}
