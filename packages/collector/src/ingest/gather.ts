/** Makes one question to the store of many: what is asked while an answer is awaited goes along with the next one. */

export interface GatherOptions<Q, A> {
  /** Gives the answers in the order of the questions. What it throws fails all of them. */
  readonly answer: (questions: readonly Q[]) => Promise<readonly A[]>;
  readonly weigh: (question: Q) => number;
  /** Most weight of one go; a heavier question goes alone. */
  readonly most: number;
}

interface Open<Q, A> {
  readonly question: Q;
  readonly done: (answer: A) => void;
  readonly failed: (error: unknown) => void;
}

export class Gather<Q, A> {
  readonly #o: GatherOptions<Q, A>;
  readonly #open: Open<Q, A>[] = [];
  #running = false;

  constructor(o: GatherOptions<Q, A>) {
    this.#o = o;
  }

  ask(question: Q): Promise<A> {
    return new Promise((done, failed) => {
      this.#open.push({ question, done, failed });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#open.length > 0) {
      const taken = this.#take();
      try {
        const answers = await this.#o.answer(taken.map(({ question }) => question));
        for (const [i, { done }] of taken.entries()) done(answers[i] as A);
      } catch (error) {
        for (const { failed } of taken) failed(error);
      }
    }
    this.#running = false;
  }

  #take(): Open<Q, A>[] {
    let weight = 0;
    const end = this.#open.findIndex(({ question }, i) => {
      weight += this.#o.weigh(question);
      return i > 0 && weight > this.#o.most;
    });
    return this.#open.splice(0, end < 0 ? this.#open.length : end);
  }
}
