/** What the answers of one run have shown beside the suites. */
import { groupOf } from "./enumerate.ts";
import { isAuthenticated } from "./suite.ts";
import type { Answer, Depth } from "./talk.ts";
import type { ServerHello } from "./wire.ts";

/** A clock in a ServerHello's random moves with ours within this, s. */
const CLOCK_SLACK_S = 2;

export class Seen {
  /** Groups chosen, in any version. */
  readonly groups = new Set<number>();
  /** Compression methods chosen other than null. */
  readonly compression = new Set<number>();
  /** Some TLS record came. */
  tls = false;
  dhBits: number | undefined;
  secureRenegotiation: boolean | undefined;
  certificateRequested: boolean | undefined;
  chain: readonly Uint8Array[] = [];
  #chainVersion = 0;
  #firstFlight: { readonly version: number; readonly bytes: Uint8Array } | undefined;
  readonly #clocks: { readonly told: number; readonly at: number }[] = [];

  /** How far a flight is worth reading: to its end where its certificates are news, else to its key exchange. */
  depthFor(hello: ServerHello): Depth {
    return isAuthenticated(hello.suite) && hello.version > this.#chainVersion ? "flight" : "key-exchange";
  }

  /** @param at monotonic, ms */
  add(answer: Answer, at: number): Answer {
    if (answer.kind === "alert") this.tls = true;
    if (answer.kind !== "hello") return answer;
    this.tls = true;
    const { hello, keyExchange, certificates } = answer;
    const group = groupOf(answer);
    if (group !== undefined) this.groups.add(group);
    if (hello.compression !== 0) this.compression.add(hello.compression);
    if (keyExchange.dhBits !== undefined) this.dhBits = Math.min(this.dhBits ?? Number.POSITIVE_INFINITY, keyExchange.dhBits);
    if (hello.version < 0x0304) {
      this.secureRenegotiation = this.secureRenegotiation !== false && hello.secureRenegotiation;
      this.#clocks.push({ told: Buffer.from(hello.random).readUInt32BE(0), at: at / 1000 });
    }
    if (answer.certificateRequested !== undefined)
      this.certificateRequested = this.certificateRequested === true || answer.certificateRequested;
    if (certificates !== undefined && hello.version > this.#chainVersion) {
      this.#chainVersion = hello.version;
      this.chain = certificates;
    }
    if (this.#firstFlight === undefined || hello.version > this.#firstFlight.version) {
      this.#firstFlight = { version: hello.version, bytes: answer.bytes };
    }
    return answer;
  }

  get evidence(): Uint8Array | undefined {
    return this.#firstFlight?.bytes;
  }

  /** The old form of the random began with the server's clock; two that advance as ours does are no chance. Seconds since 1970. */
  get serverTime(): number | undefined {
    const first = this.#clocks[0];
    const last = this.#clocks.at(-1);
    if (first === undefined || last === undefined || first === last) return undefined;
    const drift = last.told - first.told - (last.at - first.at);
    return Math.abs(drift) <= CLOCK_SLACK_S ? last.told : undefined;
  }
}
