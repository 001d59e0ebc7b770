/** Brokers of a cluster that have just started do not answer for JetStream, or for a stream, until they have agreed who leads. */
import { setTimeout as sleep } from "node:timers/promises";
import { JetStreamApiError } from "@nats-io/jetstream";

/** The API's "temporarily unavailable", and "not enabled for the account", which a broker that has just started says as well. */
const NOT_YET = new Set([10_008, 10_039]);

export interface LedOptions {
  readonly patienceMs?: number;
  readonly everyMs?: number;
}

/**
 * Asks until the brokers answer.
 * @param o.patienceMs how long: then whatever was thrown last is thrown, 15 s
 * @param o.everyMs from an answer to the next question, 250 ms
 * @throws at once what a broker that is led refuses
 */
export async function untilLed<T>(ask: () => Promise<T>, { patienceMs = 15_000, everyMs = 250 }: LedOptions = {}): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof JetStreamApiError && !NOT_YET.has(error.code)) throw error;
      if (performance.now() > deadline) throw error;
    }
    await sleep(everyMs);
  }
}
