/** A broker's connection that can lose its manners: for a while it delivers batches late, twice and in another order. */
import type { Broker, OpenBroker } from "@vedette/agent/src/publish.ts";

/** Batches held back before they are delivered in disorder. */
const HELD = 4;
const HELD_MS = 400;

interface Letter {
  readonly payload: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Courier {
  readonly open: OpenBroker;
  mess(on: boolean): void;
}

/** @param random in [0, 1) */
export function createCourier(inner: OpenBroker, random: () => number): Courier {
  let isMessy = false;

  async function scatter(broker: Broker, letters: readonly Letter[]): Promise<void> {
    const pile = [...letters, ...letters].map((letter) => ({ letter, at: random() })).sort((a, b) => a.at - b.at);
    // What is lost here is sent again: nothing but a receipt counts.
    for (const { letter } of pile) await broker.publish(letter.payload, letter.headers).catch(() => undefined);
  }

  return {
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
          held.push({ payload, headers });
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
