/** What reached one persona: counted to prove that a look was gentle, and to break devices that cannot bear more. */
import type { Server, Socket } from "node:net";

export interface Traffic {
  readonly connections: number;
  readonly perSecondMost: number;
  readonly concurrentMost: number;
  /** Connections refused because the device was overrun. */
  readonly refused: number;
  /** Connections per true TCP port. */
  readonly byPort: Readonly<Record<number, number>>;
}

const OVERRUN_MS = 5_000;

export class TrafficMeter {
  readonly #limit: number;
  readonly #now: () => number;
  readonly #open = new Set<Socket>();
  readonly #byPort: Record<number, number> = {};
  #recent: number[] = [];
  #overrunUntil = 0;
  #connections = 0;
  /** When the last connection came, ms; before the first one, long ago. */
  lastAt = Number.NEGATIVE_INFINITY;
  #perSecondMost = 0;
  #concurrentMost = 0;
  #refused = 0;

  /** @param limit new connections within one second that the device bears. */
  constructor(limit: number, now: () => number) {
    this.#limit = limit;
    this.#now = now;
  }

  /** Counts every connection of the server, under the true port that it stands for. */
  watch(server: Server, truePort: number): void {
    server.prependListener("connection", (socket: Socket) => {
      socket.on("error", () => socket.destroy());
      const now = this.#now();
      this.#connections += 1;
      this.lastAt = now;
      this.#byPort[truePort] = (this.#byPort[truePort] ?? 0) + 1;
      this.#recent = this.#recent.filter((at) => now - at < 1_000);
      this.#recent.push(now);
      this.#perSecondMost = Math.max(this.#perSecondMost, this.#recent.length);
      if (this.#recent.length > this.#limit) this.#overrunUntil = now + OVERRUN_MS;
      if (now < this.#overrunUntil) {
        this.#refused += 1;
        socket.destroy();
        return;
      }
      this.#open.add(socket);
      this.#concurrentMost = Math.max(this.#concurrentMost, this.#open.size);
      socket.once("close", () => this.#open.delete(socket));
    });
  }

  get traffic(): Traffic {
    return {
      connections: this.#connections,
      perSecondMost: this.#perSecondMost,
      concurrentMost: this.#concurrentMost,
      refused: this.#refused,
      byPort: { ...this.#byPort },
    };
  }
}
