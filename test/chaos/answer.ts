/** Answers with their knownAt, asked for during the run: asked again at its end they must be the same bytes. */
import type { RestApi } from "../kit/index.ts";

export class KnownAnswers {
  readonly #api: RestApi;
  readonly #answers = new Map<string, string>();

  constructor(api: RestApi) {
    this.#api = api;
  }

  get size(): number {
    return this.#answers.size;
  }

  /** Asks for one device's assessment and timeline. While the centre is struck there may be no answer, which is no fault. */
  async ask(random: () => number): Promise<void> {
    const devices = await this.#api.devices().catch(() => []);
    const device = devices[Math.floor(random() * devices.length)];
    if (device === undefined) return;
    for (const what of ["assessment", "timeline"]) {
      const path = `/devices/${device.id}/${what}`;
      try {
        const { knownAt } = await this.#api.get<{ knownAt: string }>(path);
        const fixed = `${path}?knownAt=${knownAt}${what === "assessment" ? `&at=${knownAt}` : ""}`;
        this.#answers.set(fixed, await this.#api.text(fixed));
      } catch {
        // Struck in the middle of the question.
      }
    }
  }

  /** Questions whose answer is another one now. */
  async changed(): Promise<string[]> {
    const changed: string[] = [];
    for (const [path, before] of this.#answers) if ((await this.#api.text(path)) !== before) changed.push(path);
    return changed;
  }
}
