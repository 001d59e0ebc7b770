/** A broker's connection that can lose its manners: for a while it delivers batches late, twice and in another order. */
import type { Broker, OpenBroker } from "@vedette/agent/src/publish.ts";

/** Batches held back before they are delivered in disorder. */
const HELD = 4;
const HELD_MS = 400;

export interface CourierCounts {
  /** Deliveries of batches that had been delivered before. */
  readonly doubled: number;
  /** Deliveries after one of a later batch. */
  readonly overtaken: number;
}

interface Letter {
  readonly payload: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly number: number;
}

export interface Courier {
  readonly open: OpenBroker;
  readonly counts: CourierCounts;
  mess(on: boolean): void;
}

/** @param random in [0, 1) */
export function createCourier(inner: OpenBroker, random: () => number): Courier {
  let isMessy = false;
  let number = 0;
  let doubled = 0;
  let overtaken = 0;

  async function scatter(broker: Broker, letters: readonly Letter[]): Promise<void> {
    const pile = [...letters, ...letters].map((letter) => ({ letter, at: random() })).sort((a, b) => a.at - b.at);
    const seen = new Set<number>();
    let highest = 0;
    for (const { letter } of pile) {
      // What is lost here is sent again: nothing but a receipt counts.
      const isSent = await broker.publish(letter.payload, letter.headers).then(
        () => true,
        () => false,
      );
      if (!isSent) continue;
      if (seen.has(letter.number)) doubled += 1;
      if (letter.number < highest) overtaken += 1;
      seen.add(letter.number);
      highest = Math.max(highest, letter.number);
    }
  }

  return {
    get counts() {
      return { doubled, overtaken };
    },
    mess(on) {
      isMessy = on;
    },
    async open(handlers) {
      const broker = await inner(handlers);
      let held: Letter[] = [];
      let timer: NodeJS.Timeout | null = null;
      const release = async () => {
        if (timer !== null) clearTimeout(timer);
        timer = null;
        const letters = held;
        held = [];
        await scatter(broker, letters);
      };
      return {
        closed: broker.closed,
        async publish(payload, headers) {
          if (!isMessy) return broker.publish(payload, headers);
          number += 1;
          held.push({ payload, headers, number });
          if (held.length >= HELD) await release();
          else timer ??= setTimeout(() => void release(), HELD_MS);
        },
        async close() {
          if (timer !== null) clearTimeout(timer);
          await broker.close();
        },
      };
    },
  };
}
