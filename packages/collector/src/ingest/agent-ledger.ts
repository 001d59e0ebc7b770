/** Answers three questions about a batch before its receipt: is its epoch on record, was it stored with other content, are the bases of its confirmations there? */
import type { AgentAddress } from "@vedette/proto";
import type { Store } from "../store/client.ts";
import { type EpochMark, insertEpoch, readContentHashes, readFactHashes, readLastSeq, readNewestEpoch } from "../store/observation.ts";
import type { Batch } from "./decode.ts";
import { Recent } from "./memory.ts";

const EPOCHS = 20_000;
const BASES = 100_000;
const AGENTS = 20_000;
/** An epoch of which nothing was heard for so long is over, though another agent may have begun it from a copy of the disk, ms. */
const OVER_MS = 3 * 60_000;
/** What another collector has put on record is seen this late at most, ms. */
const LOOK_AGAIN_MS = 5 * 60_000;

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

  constructor(store: Store, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /**
   * Puts the epoch on record where it is new. True where the outbox must begin a new one: some of these seqs are already stored with other
   * content (a restored disk, or two agents that share it), or a later epoch has been and is over.
   */
  async conflicts(address: AgentAddress, batch: Batch): Promise<boolean> {
    const name = epochName(address, batch.epoch);
    let last = this.#epochs.get(name);
    this.#heard.set(name, this.#now());
    if (last === undefined) {
      const stored = await readLastSeq(this.#store, address, batch.epoch);
      if (stored === null) {
        // No epoch began after we heard of it, whatever the agent's clock says.
        const createdAt = Math.min(batch.epochCreatedMs + (batch.clock.offsetMs ?? 0), this.#now());
        await insertEpoch(this.#store, address, batch.epoch, Math.max(0, createdAt), this.#now());
        this.#newest.delete(agentName(address));
      }
      // Another message of this epoch may have been answered meanwhile.
      last = Math.max(stored ?? 0, this.#epochs.get(name) ?? 0);
    }
    this.#epochs.set(name, Math.max(last, batch.last));
    if (batch.first > last) return this.#isOver(address, batch.epoch);
    const known = await readContentHashes(this.#store, address, batch);
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
      known = { mark: await readNewestEpoch(this.#store, address), at: now };
      this.#newest.set(agentName(address), known);
    }
    const { mark } = known;
    if (mark === null || mark.epoch === epoch) return false;
    return now - (this.#heard.get(epochName(address, mark.epoch)) ?? mark.storedAt) > OVER_MS;
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

function agentName({ tenant, site, agent }: AgentAddress): string {
  return `${tenant}/${site}/${agent}`;
}

function epochName(address: AgentAddress, epoch: string): string {
  return `${agentName(address)}/${epoch}`;
}

function baseName(address: AgentAddress, epoch: string, seq: number): string {
  return `${epochName(address, epoch)}/${seq}`;
}
