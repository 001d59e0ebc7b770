/** One device through time: observations, decisions and the passing of time itself → beliefs and occurrences. */
import { type AssessInput, type Assessment, assess, type Coverage, type Look, type Verdict } from "@vedette/standard";
import { isSame } from "./canonical.ts";
import { Certificates } from "./certificate.ts";
import { coverageOf } from "./coverage.ts";
import { factsAs } from "./facts.ts";
import { addressOf, type Seen } from "./history.ts";
import { Judgement } from "./judgement.ts";
import { cite, type Note } from "./occurrence.ts";
import { type Port, portKey } from "./place.ts";
import { expiryOf, lookOf, type Span, SpanTracks } from "./span.ts";
import type { FoldInput, Silence, Timeline, TimelineInput } from "./timeline-types.ts";
import type { Belief, Cause } from "./types.ts";
import { type Step, Visits } from "./visit.ts";

/** Nothing for this many of its shortest intervals: the agent is silent. */
export const SILENT_INTERVALS = 1.5;

function endpointText(port: Port): string {
  return `${port.port}/${port.transport}`;
}

interface Taken {
  readonly dirty: boolean;
  readonly initial: boolean;
  readonly firstLooks: boolean;
}

interface Why {
  readonly cause: Cause;
  readonly initial: boolean;
  readonly firstLooks?: boolean;
}

/**
 * Expired evidence is told once per device and probe, and for a silent agent once for the site: the verdicts that rest on it say nothing
 * of their own. While looks resume one by one, what is still expired stays as unannounced as it was.
 */
function isUnannounced(verdict: Verdict, cause: Cause, before: Belief | undefined): boolean {
  if (verdict.status !== "unknown" && verdict.status !== "notchecked") return false;
  return cause === "expiry" || (before?.unannounced === true && verdict.code === "evidence-expired");
}

/** The timeline up to a time, ready to go on from there. What it holds grows with changes, not with confirmations. */
export class Fold {
  readonly #input: FoldInput;
  readonly #tracks = new SpanTracks();
  readonly #visits: Visits;
  readonly #certificates = new Certificates();
  readonly #bss = new Map<string, Span>();
  readonly #last = new Map<string, Belief>();
  readonly beliefs: Belief[] = [];
  readonly notes: Note[] = [];
  readonly silences: Silence[] = [];
  verdicts: readonly Verdict[] = [];
  #nextAt: number | null = null;
  #communityTold = false;
  /** Observations that a verdict rested on, or that are too old for it now. */
  readonly #cited = new Set<string>();
  /** Evidence in force that came to its end. */
  readonly #expired = new Set<Span>();
  #judgement: Judgement | null = null;
  #nextProfile = 0;
  /** Grows whenever anything is told otherwise than before, but for the last sign of life and what comes with time. */
  revision = 0;
  /** Latest time of anything taken into account, ms: what was seen at it or before it comes too late to go on with. */
  through = Number.NEGATIVE_INFINITY;

  constructor(input: FoldInput) {
    this.#input = input;
    this.#visits = new Visits(input.group);
  }

  /** The host shows in this one who it is. */
  identify(seen: Seen): void {
    this.#visits.identify(seen);
  }

  /**
   * @param seen in time, all of it after `through`
   * @returns the timeline at `at`; null where what was believed depends on confirmations that came since: only a fold over everything is right
   */
  advance(seen: readonly Seen[], at: number): Timeline | null {
    const spans = new Map(seen.map((s) => [s, this.#tracks.take(s)]));
    if (seen.length > 0 && !this.#confirm()) return null;
    const changesOfProfile = this.#input.profiles.map((p) => p.from).filter((from) => from <= at);
    let i = 0;
    while (i < seen.length) {
      const now = (seen[i] as Seen).at;
      while (this.#nextProfile < changesOfProfile.length && (changesOfProfile[this.#nextProfile] as number) < now) {
        this.#decide(changesOfProfile[this.#nextProfile++] as number);
      }
      this.#passUntil(now, false);
      this.through = now;
      let dirty = false;
      let initial = true;
      let firstLooks = true;
      for (; i < seen.length && (seen[i] as Seen).at === now; i++) {
        const one = seen[i] as Seen;
        const told = this.#take(one, spans.get(one) ?? null);
        if (!told.dirty) continue;
        dirty = true;
        initial &&= told.initial;
        firstLooks &&= told.firstLooks;
      }
      if (dirty && this.#visits.firstLifeAt !== null) this.#judge(now, { cause: "observation", initial, firstLooks });
    }
    while (this.#nextProfile < changesOfProfile.length) this.#decide(changesOfProfile[this.#nextProfile++] as number);
    this.#passUntil(at, true);
    return this.#result(at);
  }

  /** Makes the last judgement again with what was confirmed since. @returns false where it then says something else */
  #confirm(): boolean {
    if (this.#judgement === null) return true;
    const nextAt = this.#judgement.confirm();
    if (nextAt === undefined) return false;
    this.#nextAt = nextAt;
    return true;
  }

  /** Ids of observations that may yet be cited. */
  cited(): string[] {
    const spans = [...this.#tracks.current, ...(this.#judgement?.spans ?? []), ...this.#bss.values()];
    return [
      ...spans.flatMap(({ first }) => [first.id, first.baseId]),
      ...this.#certificates.cited,
      ...this.#input.firmwares.map((f) => f.id),
    ];
  }

  /**
   * Forgets what was believed and told before the last announced belief of each clause: nothing that is in order speaks of it any more.
   * @returns the timeline at `at`, the time gone on to last
   */
  forget(at: number): Timeline {
    const firstKept = new Map<string, number>();
    for (const [i, b] of this.beliefs.entries()) if (b.unannounced !== true || !firstKept.has(b.clause)) firstKept.set(b.clause, i);
    const kept = this.beliefs.filter((b, i) => i >= (firstKept.get(b.clause) as number));
    this.beliefs.splice(0, Number.POSITIVE_INFINITY, ...kept);
    this.notes.length = 0;
    return this.#result(at);
  }

  #decide(at: number): void {
    this.#passUntil(at, false);
    this.through = Math.max(this.through, at);
    if (this.#visits.firstLifeAt !== null) this.#judge(at, { cause: "profile", initial: false });
  }

  /** Verdicts that change by time alone, up to `until`. */
  #passUntil(until: number, inclusive: boolean): void {
    while (this.#nextAt !== null && (this.#nextAt < until || (inclusive && this.#nextAt === until))) {
      const at = this.#nextAt;
      this.through = Math.max(this.through, at);
      const initial = this.#visits.active.every((p) => p.inFirstRound(at));
      this.#judge(at, { cause: "expiry", initial });
      this.#tellExpired(at, initial);
    }
  }

  #take(seen: Seen, span: Span | null): Taken {
    const address = addressOf(seen.subject);
    if (address === null) return this.#takeBss(seen, span);
    const step = this.#visits.absorb(seen, address, span);
    const { place, changes } = step;
    if (changes.dirty || changes.shown || step.dirty || step.appeared || step.vanished || step.returned) this.revision++;
    this.#tell(step, seen);
    const certificate = changes.dirty ? this.#certificates.observe(place, seen, changes.initial) : null;
    if (certificate !== null) this.notes.push(certificate);
    this.#tellCommunity(seen, changes.initial);
    return { dirty: (changes.dirty && place.active) || step.dirty, initial: changes.initial, firstLooks: changes.firstLooks };
  }

  #takeBss(seen: Seen, span: Span | null): Taken {
    if (span === null || this.#bss.get(span.slot) === span) return { dirty: false, initial: true, firstLooks: true };
    const firstLooks = !this.#bss.has(span.slot);
    this.#bss.set(span.slot, span);
    this.revision++;
    return { dirty: true, initial: this.#visits.active.every((p) => p.inFirstRound(seen.at)), firstLooks };
  }

  #tell(step: Step, seen: Seen): void {
    const { place, changes } = step;
    const { address } = place;
    const at = seen.at;
    if (step.appeared) {
      const { replaces } = this.#input.group;
      const evidence = [cite(seen, { address })];
      this.notes.push({
        change: "device-appeared",
        at,
        to: address,
        parameters: { address, class: this.#input.class },
        evidence,
        initial: true,
      });
      if (replaces !== null)
        this.notes.push({
          change: "device-replaced",
          at,
          from: replaces,
          to: address,
          parameters: { from: replaces, to: address },
          evidence,
        });
    }
    const elsewhere = (port: Port): boolean =>
      this.#visits.active.some((p) => p !== place && p.ports.has(portKey(port.transport, port.port)));
    for (const port of changes.opened) {
      if (!place.active || elsewhere(port)) continue;
      const protocol = port.entry?.protocol ?? "";
      const parameters = { endpoint: endpointText(port), address, protocol };
      this.notes.push({
        change: "service-opened",
        at,
        to: portKey(port.transport, port.port),
        parameters,
        evidence: [cite(seen, parameters)],
        initial: port.initial,
      });
    }
    for (const { port, by } of changes.closed) {
      this.#certificates.closed(place, port.port, at);
      if (place.active && !elsewhere(port)) this.#tellClosed(port, by, address);
    }
    for (const move of step.moves) {
      this.#certificates.moved(move.from, move.to);
      const { identifier, value } = this.#joined(move.from.address, move.to.address);
      const parameters = { from: move.from.address, to: move.to.address, identifier, value };
      this.notes.push({
        change: "device-moved",
        at,
        from: move.from.address,
        to: move.to.address,
        parameters,
        evidence: [cite(seen, parameters)],
      });
      for (const { port, by } of move.succession.closed) this.#tellClosed(port, by, move.to.address);
    }
    if (step.vanished)
      this.notes.push({
        change: "device-vanished",
        at,
        from: address,
        parameters: { address },
        evidence: [cite(seen, { address, outcome: seen.outcome })],
      });
    if (step.returned)
      this.notes.push({ change: "device-returned", at, to: address, parameters: { address }, evidence: [cite(seen, { address })] });
  }

  #tellClosed(port: Port, by: Seen, address: string): void {
    const parameters = { endpoint: endpointText(port), address, protocol: port.entry?.protocol ?? "" };
    this.notes.push({
      change: "service-closed",
      at: by.at,
      from: portKey(port.transport, port.port),
      parameters,
      evidence: [cite(by, parameters)],
    });
  }

  /** The identifier under which two addresses are known to be one device. */
  #joined(a: string, b: string): { identifier: string; value: string } {
    const { sightings } = this.#input.group;
    const claims = (address: string) =>
      sightings.filter((s) => s.address === address).flatMap((s) => [...s.claims.values()].filter((c) => c.joins));
    const there = new Set(claims(b).map((c) => `${c.kind}|${c.value}`));
    for (const kind of ["uuid", "serial", "engine-id", "mac", "if-mac"]) {
      const shared = claims(a).find((c) => c.kind === kind && there.has(`${c.kind}|${c.value}`));
      if (shared !== undefined) return { identifier: kind, value: shared.value };
    }
    return { identifier: "joined", value: "" };
  }

  #tellCommunity(seen: Seen, initial: boolean): void {
    const community = factsAs(seen, "snmp.system")?.community;
    if (this.#communityTold || (community !== "public" && community !== "private")) return;
    this.#communityTold = true;
    this.revision++;
    this.notes.push({
      change: "community-default",
      at: seen.at,
      to: community,
      parameters: { community },
      evidence: [cite(seen, { community })],
      initial,
    });
  }

  /** What expires because nothing at all comes from its agent any more is told of the agent; else once per probe that a verdict cites. */
  #tellExpired(at: number, initial: boolean): void {
    const spans = [...this.#visits.active.flatMap((p) => [...p.spans.values()]), ...this.#bss.values()];
    const { lastReport, pace } = this.#input;
    for (const span of spans.filter((s) => expiryOf(s) === at)) {
      const { first } = span;
      const since = lastReport(first.vantage, at);
      if (at - since >= SILENT_INTERVALS * pace(first.vantage)) {
        this.silences.push({ vantage: first.vantage, since, at });
        continue;
      }
      if (!this.#cited.has(first.baseId)) continue;
      const told = spans.some((s) => s.first.probe === first.probe && this.#expired.has(s));
      this.#expired.add(span);
      if (told) continue;
      const parameters = { probe: first.probe, confirmedAt: new Date(span.end).toISOString() };
      this.notes.push({ change: "evidence-expired", at, from: first.probe, parameters, evidence: [cite(first, parameters)], initial });
    }
  }

  #coverage(): Coverage {
    return coverageOf(this.#visits.active.flatMap((p) => [...p.spans.values()]));
  }

  #judge(at: number, why: Why): void {
    const { profiles, attestations, sharedKeys, rules, firmwares } = this.#input;
    const { active } = this.#visits;
    const placed = active.flatMap((p) => [...p.spans.values()]);
    const input: AssessInput = {
      at,
      device: { class: this.#input.class, radioSeen: this.#bss.size > 0 },
      endpoints: [...active.flatMap((p): Look[] => p.looks()), ...[...this.#bss.values()].map((span) => lookOf(span))],
      history: { certificates: [...this.#certificates.history], firmwares: firmwares.filter((f) => f.firstSeenAt <= at) },
      fleet: { sharedKeys },
      coverage: coverageOf(placed),
      profile: profiles.findLast((p) => p.from <= at)?.profile ?? null,
      attestations,
      acceptedRisks: [],
      feed: { activeAt: null, version: null },
      rules,
    };
    const assessment: Assessment = assess(input);
    this.#nextAt = assessment.nextChangeAt !== null && assessment.nextChangeAt > at ? assessment.nextChangeAt : null;
    this.#judgement = new Judgement(input, [...placed, ...this.#bss.values()], placed, assessment.verdicts, this.#nextAt);
    this.verdicts = assessment.verdicts;
    this.revision++;
    for (const verdict of assessment.verdicts) {
      for (const { id } of verdict.evidence) this.#cited.add(id);
      this.#believe(verdict, at, why);
    }
  }

  #believe(verdict: Verdict, at: number, why: Why): void {
    const before = this.#last.get(verdict.clause);
    if (
      before?.status === verdict.status &&
      before.code === verdict.code &&
      before.basis === verdict.basis &&
      isSame(before.parameters, verdict.parameters)
    )
      return;
    const byPerson = verdict.basis === "attested" || before?.basis === "attested";
    const cause = why.cause === "expiry" && byPerson ? "attestation" : why.cause;
    const belief: Belief = {
      device: this.#input.group.id,
      clause: verdict.clause,
      from: at,
      status: verdict.status,
      basis: verdict.basis,
      code: verdict.code,
      parameters: verdict.parameters,
      evidence: verdict.evidence,
      observedAt: verdict.observedAt,
      ruleVersion: verdict.ruleVersion,
      cause,
      initial: why.initial || before === undefined || (why.firstLooks === true && before.status === "notchecked"),
      ...(isUnannounced(verdict, cause, before) ? { unannounced: true } : {}),
    };
    const replaced = before !== undefined && before.from === at;
    if (replaced) this.beliefs.splice(this.beliefs.lastIndexOf(before), 1);
    this.beliefs.push(belief);
    this.#last.set(verdict.clause, belief);
  }

  #result(at: number): Timeline {
    const expiring = this.#certificates.expiring(at);
    const times = [this.#nextAt, expiring.nextAt, ...this.#input.profiles.filter((p) => p.from > at).map((p) => p.from)].filter(
      (t) => t !== null,
    );
    return {
      beliefs: this.beliefs,
      notes: [...this.notes, ...expiring.notes],
      silences: this.silences,
      verdicts: this.verdicts,
      coverage: this.#coverage(),
      places: this.#visits.active.toSorted((a, b) => (b.visitAt ?? 0) - (a.visitAt ?? 0)),
      firstSeenAt: this.#visits.firstLifeAt ?? this.#input.group.aliveAt,
      lastSeenAt: this.#visits.lastLifeAt ?? this.#input.group.aliveAt,
      vanishedAt: this.#visits.vanishedAt,
      nextChangeAt: times.length === 0 ? null : Math.min(...times),
    };
  }
}

export function timelineOf(input: TimelineInput): Timeline {
  // A fold from the beginning has nothing to contradict.
  return new Fold(input).advance(input.seen, input.at) as Timeline;
}
