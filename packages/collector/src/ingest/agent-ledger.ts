/** Answers three questions about a batch before its receipt: is its epoch on record, was it stored with other content, are the bases of its confirmations there? */
import type { AgentAddress } from "@vedette/proto";
import type { Store } from "../store/client.ts";
import { insertEpoch, readContentHashes, readFactHashes, readLastSeq } from "../store/observation.ts";
import { epochBeginning } from "./clock.ts";
import type { Batch } from "./decode.ts";
import { Recent } from "./memory.ts";

const EPOCHS = 20_000;
const BASES = 100_000;

export class AgentLedger {
  readonly #store: Store;
  readonly #now: () => number;
  /** Highest seq seen of an epoch. */
  readonly #epochs = new Recent<string, number>(EPOCHS);
  /** Hash of the facts under a key. */
  readonly #bases = new Recent<string, string>(BASES);

  constructor(store: Store, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /**
   * Puts the epoch on record where it is new. True where some of these seqs are already stored with other content: the outbox is
   * behind what we know of it (a restored disk), or two agents share it.
   */
  async conflicts(address: AgentAddress, batch: Batch): Promise<boolean> {
    const name = `${address.tenant}/${address.site}/${address.agent}/${batch.epoch}`;
    let last = this.#epochs.get(name);
    if (last === undefined) {
      const stored = await readLastSeq(this.#store, address, batch.epoch);
      if (stored === null) {
        const now = this.#now();
        await insertEpoch(this.#store, address, batch.epoch, epochBeginning(batch, now), now);
      }
      // Another message of this epoch may have been answered meanwhile.
      last = Math.max(stored ?? 0, this.#epochs.get(name) ?? 0);
    }
    this.#epochs.set(name, Math.max(last, batch.last));
    if (batch.first > last) return false;
    const known = await readContentHashes(this.#store, address, batch);
    return batch.accepted.some((a) => {
      const hashes = known.get(a.observation.seq);
      return hashes !== undefined && !hashes.has(a.contentHash);
    });
  }

  /** Remembers the facts of a batch as bases of later confirmations; its message is kept until it is stored. */
  learn(address: AgentAddress, batch: Batch): void {
    for (const { observation, facts } of batch.accepted) {
      if (facts !== null) this.#bases.set(baseName(address, batch.epoch, observation.seq), facts.hash);
    }
  }

  /** Seqs of confirmations whose base is not stored, or carried other facts. */
  async needFacts(address: AgentAddress, batch: Batch): Promise<number[]> {
    const confirms = batch.accepted.flatMap(({ observation: { seq, body } }) =>
      body.case === "confirm" ? [{ seq, base: body.value, hash: Buffer.from(body.value.hash).toString("hex") }] : [],
    );
    const open = confirms.filter((c) => this.#bases.get(baseName(address, c.base.epoch, c.base.seq)) !== c.hash);
    const known = await readFactHashes(
      this.#store,
      address,
      open.map((c) => ({ epoch: c.base.epoch, seq: c.base.seq })),
    );
    return open.flatMap((c) => {
      if (known.get(`${c.base.epoch}/${c.base.seq}`)?.has(c.hash) !== true) return [c.seq];
      this.#bases.set(baseName(address, c.base.epoch, c.base.seq), c.hash);
      return [];
    });
  }
}

function baseName(address: AgentAddress, epoch: string, seq: number): string {
  return `${address.tenant}/${address.site}/${address.agent}/${epoch}/${seq}`;
}
