/**
 * Which buckets this process holds now. It only saves work: two collectors may for a moment hold the same bucket, or nobody may; the fence is
 * the compare-and-set of the log (docs/collectors.md).
 */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { BaseLogger } from "pino";
import { share } from "./share.ts";

export interface RollOptions {
  readonly buckets: number;
  readonly logger: BaseLogger;
  /** Says that this process lives and tells all that do. */
  readonly alive: (member: string) => Promise<readonly string[]>;
  readonly leave: (member: string) => Promise<void>;
  /** After the buckets of this process have changed. */
  readonly onChange: () => void;
  /** From one word to the next, ms: several within the time after which one is missed. */
  readonly beatMs: number;
}

export class Roll {
  /** Of this process and this start of it: who comes back is somebody else. */
  readonly member = randomBytes(8).toString("hex");
  readonly #o: RollOptions;
  readonly #stopping = new AbortController();
  #members: readonly string[] = [];
  #own: ReadonlySet<number> = new Set();
  #held: ReadonlySet<number> = new Set();
  #isHeard = false;
  #loop: Promise<void> = Promise.resolve();

  constructor(o: RollOptions) {
    this.#o = o;
  }

  get members(): readonly string[] {
    return this.#members;
  }

  /** Whether the broker took the last word of this process: one that answers may yet have no room to write. */
  get isHeard(): boolean {
    return this.#isHeard;
  }

  holds(bucket: number): boolean {
    return this.#held.has(bucket);
  }

  /** Resolves when this process is on the roll. @throws where the broker does not answer */
  async start(): Promise<void> {
    await this.#beat();
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    // Who cannot say so is missed after a while.
    await this.#o.leave(this.member).catch(() => undefined);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    let told = false;
    for (;;) {
      await sleep(this.#o.beatMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await this.#beat();
        told = false;
      } catch (error) {
        this.#isHeard = false;
        // Without the broker nothing can be published either: everybody stays where he is.
        if (!told) this.#o.logger.warn({ err: error }, "the broker does not tell who lives; the buckets stay where they are");
        told = true;
      }
    }
  }

  async #beat(): Promise<void> {
    const { buckets, logger, alive, onChange } = this.#o;
    const members = await alive(this.member);
    this.#isHeard = true;
    const own = new Set(share(members, buckets).flatMap((member, bucket) => (member === this.member ? [bucket] : [])));
    // What comes from somebody who lives is taken one beat later, when he has seen it too.
    const alone = members.length === 1;
    const held = alone ? own : new Set([...own].filter((bucket) => this.#own.has(bucket)));
    const changed = held.size !== this.#held.size || [...held].some((bucket) => !this.#held.has(bucket));
    this.#members = members;
    this.#own = own;
    this.#held = held;
    if (!changed) return;
    logger.info({ buckets: held.size, collectors: members.length }, "the buckets of this collector have changed");
    onChange();
  }
}
