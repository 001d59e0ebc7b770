/** The full look: every version, every suite, groups, chain, and what the answers show beside. */

import { DialError } from "../../net/dial.ts";
import type { Fault, ProbeContext, Target } from "../probe.ts";
import { type Offer, SSL3, TLS10, TLS12, TLS13 } from "./client-hello.ts";
import { type Ask, type Elimination, eliminate, eliminateGroups, eliminateWithGroups } from "./enumerate.ts";
import { CERTIFICATE_CURVES, CURVES, TLS13_GROUPS } from "./group.ts";
import { completeHandshake } from "./handshake.ts";
import { freshKeyShares } from "./key-share.ts";
import { serverOrder, serverPreference } from "./order.ts";
import { Seen } from "./seen.ts";
import { keyExchangeForm, needsEcdsaCurve, suitesToOffer } from "./suite.ts";
import { askSsl2, openTalk, type Talk, type TalkOptions } from "./talk.ts";

export const SSL2 = 0x0002;
const TLS11 = 0x0302;

/** Likeliest first, so that a run that is cut short has the most. */
const VERSIONS = [TLS12, TLS13, TLS10, TLS11, SSL3, SSL2];

/** DEFLATE and LZS (IANA TLS Compression Method Identifiers). */
const COMPRESSIONS = [1, 64];

export interface VersionSeen {
  readonly version: number;
  readonly accepted?: boolean;
  readonly suites: readonly number[];
  readonly serverPreference?: boolean;
}

export interface PostureSeen {
  /** Ascending. */
  readonly versions: readonly VersionSeen[];
  readonly seen: Seen;
  readonly chain: readonly Uint8Array[];
  readonly clientCertificateRequired?: boolean;
  /** What kept it from its end. */
  readonly fault?: Fault;
  /** How a connection ended that was refused without a word. */
  readonly hungUp?: Fault;
}

export interface PostureOptions extends TalkOptions {
  /** Versions looked at at the same time; the door's permits hold all the same. */
  readonly lanes: number;
  readonly serverName?: string;
  readonly alpn?: readonly string[];
}

/** Never throws what the network does: it returns what was seen until then, with the fault. */
export async function lookAtPosture(target: Target, cx: ProbeContext, options: PostureOptions): Promise<PostureSeen> {
  const look = new PostureLook(target, cx, options);
  await look.run();
  return look.result();
}

class PostureLook {
  readonly #target: Target;
  readonly #cx: ProbeContext;
  readonly #options: PostureOptions;
  readonly #talk: Talk;
  readonly #seen = new Seen();
  readonly #versions = new Map<number, VersionSeen>();
  #hungUp: Fault | undefined;
  #fault: Fault | undefined;
  #stopped = false;
  #chain: readonly Uint8Array[] = [];
  #clientCertificateRequired: boolean | undefined;

  constructor(target: Target, cx: ProbeContext, options: PostureOptions) {
    this.#target = target;
    this.#cx = cx;
    this.#options = options;
    this.#talk = openTalk(target, cx, options);
  }

  async run(): Promise<void> {
    const queue = [...VERSIONS];
    const lane = async (): Promise<void> => {
      for (let version = queue.shift(); version !== undefined && !this.#stopped; version = queue.shift())
        await this.#lookAtVersion(version);
    };
    await this.#guarded(async () => {
      await Promise.all(Array.from({ length: this.#options.lanes }, () => this.#guarded(lane)));
      if (this.#stopped || !this.#anyAccepted()) return;
      await this.#lookAtGroups();
      await this.#lookAtChain();
      await this.#confirmPresence();
    });
  }

  result(): PostureSeen {
    const versions = VERSIONS.toSorted((a, b) => a - b).map((version) => this.#versions.get(version) ?? { version, suites: [] });
    return {
      versions,
      seen: this.#seen,
      chain: this.#chain.length > 0 ? this.#chain : this.#seen.chain,
      ...(this.#clientCertificateRequired === undefined ? {} : { clientCertificateRequired: this.#clientCertificateRequired }),
      ...(this.#fault === undefined ? {} : { fault: this.#fault }),
      ...(this.#hungUp === undefined ? {} : { hungUp: this.#hungUp }),
    };
  }

  #anyAccepted(): boolean {
    return [...this.#versions.values()].some((version) => version.accepted === true);
  }

  /** A connection that cannot be opened ends the look; what was seen stays. */
  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof DialError)) throw error;
      this.#stopped = true;
      this.#fault ??= error.fault;
    }
  }

  #asking(version: number, extra: Partial<Offer> = {}): Ask {
    const { serverName, alpn } = this.#options;
    return async (suites, groups = this.#unknownFirst(version >= TLS13 ? TLS13_GROUPS : CURVES)) => {
      const answer = await this.#talk.ask(
        {
          version,
          suites,
          groups,
          ...(version >= TLS13 ? {} : { compression: COMPRESSIONS.filter((method) => !this.#seen.compression.has(method)) }),
          ...(serverName === undefined ? {} : { serverName }),
          ...(alpn === undefined ? {} : { alpn }),
          ...extra,
        },
        (hello) => this.#seen.depthFor(hello),
      );
      if (answer.kind === "gone") this.#stopped = true;
      return this.#seen.add(answer, this.#cx.clock.monotonic());
    };
  }

  /** Servers that heed the client's order of groups show one more with each answer, at no cost. */
  #unknownFirst(groups: readonly number[]): number[] {
    const { seen, unseen = [] } = Object.groupBy(groups, (group) => (this.#seen.groups.has(group) ? "seen" : "unseen"));
    return [...unseen, ...(seen ?? [])];
  }

  async #lookAtVersion(version: number): Promise<void> {
    if (version === SSL2) {
      const answer = await askSsl2(this.#target, this.#cx, this.#options);
      if (typeof answer === "boolean") this.#versions.set(version, { version, accepted: answer, suites: [] });
      else {
        this.#cut(answer.fault);
        this.#stopped ||= answer.kind === "gone";
      }
      return;
    }
    const suites = suitesToOffer(version);
    let ask = this.#asking(version);
    let found: Elimination;
    if (version >= TLS13) {
      found = await eliminateWithGroups(ask, version, suites, TLS13_GROUPS, this.#seen.groups);
      if (found.accepted === false && found.needsKeyShare) {
        // Some stacks cannot ask for another group and want a share at once.
        ask = this.#asking(version, { keyShares: freshKeyShares() });
        found = await eliminate(ask, version, suites);
      }
    } else found = await eliminate(ask, version, suites);
    if (found.cut !== undefined) this.#cut(found.cut);
    if (!this.#seen.tls && found.cut !== undefined) this.#stopped = true;
    this.#hungUp ??= found.hungUp;
    this.#versions.set(version, await this.#ordered(version, ask, found));
  }

  async #ordered(version: number, ask: Ask, found: Elimination): Promise<VersionSeen> {
    const picked = found.choices.map((choice) => choice.picked);
    // Until the questions about order are answered, the version stands as found.
    const plain = { version, ...(found.accepted === undefined ? {} : { accepted: found.accepted }) };
    this.#versions.set(version, { ...plain, suites: picked.toSorted((a, b) => a - b) });
    if (this.#stopped) return { ...plain, suites: picked.toSorted((a, b) => a - b) };
    const preference = await serverPreference(ask, found.choices);
    const suites = preference === true ? await serverOrder(ask, found.choices) : picked.toSorted((a, b) => a - b);
    return { ...plain, suites, ...(preference === undefined ? {} : { serverPreference: preference }) };
  }

  #cut(fault: Fault): void {
    this.#fault ??= fault;
  }

  /** Curves of the versions before TLS 1.3, where a key exchange of that kind was accepted. */
  async #lookAtGroups(): Promise<void> {
    const best = [TLS12, TLS11, TLS10].map((version) => this.#versions.get(version)).find((version) => version?.accepted === true);
    const curved = best?.suites.filter((suite) => keyExchangeForm(suite)?.form === "ec") ?? [];
    if (best === undefined || curved.length === 0) return;
    const free = curved.filter((suite) => !needsEcdsaCurve(suite));
    const suites = (free.length > 0 ? free : curved).slice(0, 64);
    // A server with an ECDSA certificate alone needs to hear its curve, which then stands last.
    const last = free.length > 0 ? [] : CERTIFICATE_CURVES;
    const remaining = (): number[] => {
      const unknown = CURVES.filter((curve) => !this.#seen.groups.has(curve) && !last.includes(curve));
      return unknown.length === 0 ? [] : [...unknown, ...last];
    };
    const cut = await eliminateGroups(this.#asking(best.version), suites, remaining, new Set(this.#seen.groups));
    if (cut !== undefined) this.#cut(cut);
  }

  async #lookAtChain(): Promise<void> {
    const modern = this.#versions.get(TLS13)?.accepted === true;
    const requested = this.#seen.certificateRequested;
    if (requested === false) this.#clientCertificateRequired = false;
    if (!modern && requested !== true) return;
    const outcome = await completeHandshake(this.#target, this.#cx, {
      connectMs: this.#options.connectMs,
      minVersion: modern ? "TLSv1.3" : "TLSv1",
      awaitRefusal: requested !== false,
    });
    this.#chain = outcome.chain;
    if (requested === undefined || requested) this.#clientCertificateRequired = outcome.refusedWithoutCertificate;
    if (outcome.chain.length === 0 && this.#seen.chain.length === 0 && outcome.fault !== undefined) this.#cut(outcome.fault);
  }

  /** Where a closed connection was taken for a refusal, the server must still be answering, or the refusals mean nothing. */
  async #confirmPresence(): Promise<void> {
    if (this.#hungUp === undefined) return;
    const known = [...this.#versions.values()].find((version) => version.suites.length > 0);
    if (known === undefined) return;
    const answer = await this.#asking(known.version)(known.suites.slice(0, 64));
    if (answer.kind === "hello") return;
    this.#cut(
      answer.kind === "alert"
        ? { phase: "tls", code: "rejected", message: "The server no longer accepts what it accepted before." }
        : answer.fault,
    );
  }
}
