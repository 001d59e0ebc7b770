/**
 * Answers three questions about a batch before its receipt: is its epoch on record, was it stored with other content, are the bases of
 * its confirmations there? What memory does not know is asked of the store, for many batches at once: after a start every agent is unknown.
 */
import type { AgentAddress } from "@vedette/proto";
import type { Store } from "../store/client.ts";
import { Gather } from "../store/gather.ts";
import {
  agentName,
  type EpochMark,
  epochName,
  insertEpochs,
  observationName,
  readContentHashes,
  readFactHashes,
  readLastSeqs,
  readNewestEpochs,
  type SeqRange,
} from "../store/observation.ts";
import type { EpochKey, ObservationKey } from "../store/observation-row.ts";
import { epochBeginning } from "./clock.ts";
import type { Batch } from "./decode.ts";
import { Recent } from "./memory.ts";

const EPOCHS = 20_000;
const BASES = 100_000;
/** Of one question to the store. Each name takes some 100 bytes of the query. */
const NAMES = 5_000;
/** Each is a condition of its own in the query. */
const RANGES = 50;
const AGENTS = 20_000;
/** An epoch of which nothing was heard for so long is over, though another agent may have begun it from a copy of the disk, ms. */
const OVER_MS = 3 * 60_000;
/** What another collector has put on record is seen this late at most, ms. */
const LOOK_AGAIN_MS = 5 * 60_000;

interface Opened extends EpochKey {
  /** ms, corrected. */
  readonly createdAt: number;
}

export class AgentLedger {
  readonly #store: Store;
  readonly #now: () => number;
  /** Highest seq seen of an epoch. */
  readonly #epochs = new Recent<string, number>(EPOCHS);
  /** When an epoch was last heard of, ms. */
  readonly #heard = new Recent<string, number>(EPOCHS);
  /** An agent's newest epoch, and when the store was asked for it. */
  readonly #newest = new Recent<string, { readonly mark: EpochMark | null; readonly at: number }>(AGENTS);
  /** Hash of the facts under a key. */
  readonly #bases = new Recent<string, string>(BASES);
  readonly #lastSeqs: Gather<Opened, number>;
  readonly #marks: Gather<AgentAddress, EpochMark | null>;
  readonly #contents: Gather<SeqRange, Map<number, ReadonlySet<string>>>;
  readonly #facts: Gather<readonly ObservationKey[], Map<string, ReadonlySet<string>>>;

  constructor(store: Store, now: () => number) {
    this.#store = store;
    this.#now = now;
    this.#lastSeqs = new Gather({ answer: (opened) => this.#open(opened), weigh: () => 1, most: NAMES });
    this.#marks = new Gather({ answer: (agents) => readNewestEpochs(store, agents), weigh: () => 1, most: NAMES });
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
    for (const epoch of unknown) this.#newest.delete(agentName(epoch));
    return opened.map((epoch) => last.get(epochName(epoch)) ?? 0);
  }

  /**
   * Puts the epoch on record where it is new. True where the outbox must begin a new one: some of these seqs are already stored with other
   * content (a restored disk, or two agents that share it), or a later epoch has been and is over.
   */
  async conflicts(address: AgentAddress, batch: Batch): Promise<boolean> {
    const { epoch, first } = batch;
    const name = epochName({ ...address, epoch });
    this.#heard.set(name, this.#now());
    if (this.#epochs.get(name) === undefined) {
      const createdAt = epochBeginning(batch, this.#now());
      const stored = await this.#lastSeqs.ask({ ...address, epoch, createdAt });
      // Another message of this epoch may have been answered meanwhile.
      this.#epochs.set(name, Math.max(stored, this.#epochs.get(name) ?? 0));
    }
    const last = this.#epochs.get(name) ?? 0;
    this.#epochs.set(name, Math.max(last, batch.last));
    if (first > last) return this.#isOver(address, epoch);
    const known = await this.#contents.ask({ ...address, epoch, first, last: batch.last });
    return batch.accepted.some((a) => {
      const hashes = known.get(a.observation.seq);
      return hashes !== undefined && !hashes.has(a.contentHash);
    });
  }

  /**
   * True where another epoch is later than this one and nothing is heard of it any more: a copy of the disk was in use for a while. All that
   * this outbox goes on to tell would stand before what the copy told, at one moment.
   */
  async #isOver(address: AgentAddress, epoch: string): Promise<boolean> {
    const now = this.#now();
    let known = this.#newest.get(agentName(address));
    if (known === undefined || now - known.at > LOOK_AGAIN_MS) {
      known = { mark: await this.#marks.ask(address), at: now };
      this.#newest.set(agentName(address), known);
    }
    const { mark } = known;
    if (mark === null || mark.epoch === epoch) return false;
    return now - (this.#heard.get(epochName({ ...address, epoch: mark.epoch })) ?? mark.storedAt) > OVER_MS;
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
