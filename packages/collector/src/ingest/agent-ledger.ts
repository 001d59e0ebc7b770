/**
 * Answers three questions about a batch before its receipt: is its epoch on record, was it stored with other content, are the bases of
 * its confirmations there? What memory does not know is asked of the store, for many batches at once: after a start every agent is unknown.
 */
import type { AgentAddress } from "@vedette/proto";
import type { Store } from "../store/client.ts";
import { Gather } from "../store/gather.ts";
import {
  epochName,
  insertEpochs,
  observationName,
  readContentHashes,
  readFactHashes,
  readLastSeqs,
  type SeqRange,
} from "../store/observation.ts";
import type { EpochKey, ObservationKey } from "../store/observation-row.ts";
import type { Batch } from "./decode.ts";
import { Recent } from "./memory.ts";

const EPOCHS = 20_000;
const BASES = 100_000;
/** Of one question to the store. Each name takes some 100 bytes of the query. */
const NAMES = 5_000;
/** Each is a condition of its own in the query. */
const RANGES = 50;

interface Opened extends EpochKey {
  /** ms, corrected. */
  readonly createdAt: number;
}

export class AgentLedger {
  readonly #store: Store;
  readonly #now: () => number;
  /** Highest seq seen of an epoch. */
  readonly #epochs = new Recent<string, number>(EPOCHS);
  /** Hash of the facts under a key. */
  readonly #bases = new Recent<string, string>(BASES);
  readonly #lastSeqs: Gather<Opened, number>;
  readonly #contents: Gather<SeqRange, Map<number, ReadonlySet<string>>>;
  readonly #facts: Gather<readonly ObservationKey[], Map<string, ReadonlySet<string>>>;

  constructor(store: Store, now: () => number) {
    this.#store = store;
    this.#now = now;
    this.#lastSeqs = new Gather({ answer: (opened) => this.#open(opened), weigh: () => 1, most: NAMES });
    this.#contents = new Gather({ answer: (ranges) => readContentHashes(store, ranges), weigh: () => 1, most: RANGES });
    this.#facts = new Gather({
      async answer(lists) {
        const known = await readFactHashes(store, lists.flat());
        return lists.map(() => known);
      },
      weigh: (names) => names.length,
      most: NAMES,
    });
  }

  /** Puts new epochs on record. Gives the highest stored seq of each; 0 where there is none. */
  async #open(opened: readonly Opened[]): Promise<number[]> {
    const byName = new Map(opened.map((epoch) => [epochName(epoch), epoch]));
    const last = await readLastSeqs(this.#store, [...byName.values()]);
    const unknown = [...byName].flatMap(([name, epoch]) => (last.has(name) ? [] : [epoch]));
    await insertEpochs(this.#store, unknown, this.#now());
    return opened.map((epoch) => last.get(epochName(epoch)) ?? 0);
  }

  /**
   * Puts the epoch on record where it is new. True where some of these seqs are already stored with other content: the outbox is
   * behind what we know of it (a restored disk), or two agents share it.
   */
  async conflicts(address: AgentAddress, batch: Batch): Promise<boolean> {
    const { epoch, first } = batch;
    const name = epochName({ ...address, epoch });
    if (this.#epochs.get(name) === undefined) {
      const createdAt = Math.max(0, batch.epochCreatedMs + (batch.clock.offsetMs ?? 0));
      const stored = await this.#lastSeqs.ask({ ...address, epoch, createdAt });
      // Another message of this epoch may have been answered meanwhile.
      this.#epochs.set(name, Math.max(stored, this.#epochs.get(name) ?? 0));
    }
    const last = this.#epochs.get(name) ?? 0;
    this.#epochs.set(name, Math.max(last, batch.last));
    if (first > last) return false;
    const known = await this.#contents.ask({ ...address, epoch, first, last: batch.last });
    return batch.accepted.some((a) => {
      const hashes = known.get(a.observation.seq);
      return hashes !== undefined && !hashes.has(a.contentHash);
    });
  }

  /** Remembers the facts of a batch as bases of later confirmations; its message is kept until it is stored. */
  learn(address: AgentAddress, batch: Batch): void {
    for (const { observation, facts } of batch.accepted) {
      if (facts !== null) this.#bases.set(observationName({ ...address, epoch: batch.epoch, seq: observation.seq }), facts.hash);
    }
  }

  /** Seqs of confirmations whose base is not stored, or carried other facts. */
  async needFacts(address: AgentAddress, batch: Batch): Promise<number[]> {
    const confirms = batch.accepted.flatMap(({ observation: { seq, body } }) => {
      if (body.case !== "confirm") return [];
      const base = { ...address, epoch: body.value.epoch, seq: body.value.seq };
      return [{ seq, base, name: observationName(base), hash: Buffer.from(body.value.hash).toString("hex") }];
    });
    const open = confirms.filter(({ name, hash }) => this.#bases.get(name) !== hash);
    if (open.length === 0) return [];
    const known = await this.#facts.ask(open.map(({ base }) => base));
    return open.flatMap(({ seq, name, hash }) => {
      if (known.get(name)?.has(hash) !== true) return [seq];
      this.#bases.set(name, hash);
      return [];
    });
  }
}
