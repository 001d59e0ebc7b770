/**
 * What one vantage knows of one address of a device, moment by moment: which ports are open, what the latest looks found, how many
 * looks were missed. Fed with observations in time.
 */
import type { FactsOf } from "@vedette/proto";
import type { Look } from "@vedette/standard";
import { factsAs, inRanges, isSignOfLife } from "./facts.ts";
import type { Seen } from "./history.ts";
import { lookOf, type Span } from "./span.ts";

export const MISSES_TO_VANISH = 3;
const TIMEOUTS_TO_END = 3;
/** The first assessment of an address ends by itself after this, ms. */
const FIRST_ROUND_MS = 600_000;
/** A port that no application look was made at holds the first round up no longer than this after the look that found it, ms. */
const UNSPOKEN_MS = 20_000;
const APPLICATION_PROBES = new Set(["tls.handshake", "http.root", "rtsp.describe", "upnp.description"]);
const FIRST_ROUND_LISTS = new Set(["common", "full"]);

type TcpFacts = FactsOf<"tcp.connect">;
type OpenPort = TcpFacts["open"][number];

export interface Port {
  readonly transport: "tcp" | "udp";
  readonly port: number;
  readonly openedAt: number;
  readonly openedBy: Seen;
  entry: OpenPort | null;
  /** First of the failing looks since it last answered; null: it answers. */
  failedAt: number | null;
  timeouts: number;
  /** Found in the first round: what is first seen of it is no change. */
  readonly initial: boolean;
  /** An application look came to an end, or the greeting says what it is. */
  spoken: boolean;
}

export interface Changes {
  opened: Port[];
  closed: { readonly port: Port; readonly by: Seen }[];
  /** Verdicts may differ. */
  dirty: boolean;
  /** What is told to speak at a port may differ. */
  shown: boolean;
  life: boolean;
  missed: boolean;
  /** The only change is that something was looked at for the first time in the first round. */
  initial: boolean;
  /** As it stood before this look. */
  readonly firstRound: boolean;
  /** Every look that is new is the first of its kind here. */
  firstLooks: boolean;
}

export function portKey(transport: string, port: number): string {
  return `${transport}/${port}`;
}

export class Place {
  readonly vantage: string;
  readonly address: string;
  /** Counts as an address of the device; others are waited for until it is clear whether the device moved or has several. */
  active = false;
  /** Begin of the present visit: the first answer after the address was not the device's. */
  visitAt: number | null = null;
  /** Last time in this visit that the host proved to be the device. */
  identifiedAt: number | null = null;
  lastLifeAt: number | null = null;
  misses = 0;
  /** It said goodbye, or missed a look, after its last answer. */
  goneAt: number | null = null;
  readonly ports = new Map<string, Port>();
  readonly spans = new Map<string, Span>();
  /** TLS certificate look in force when the full posture of the same port was taken. */
  readonly #certificateAtPosture = new Map<number, string>();
  #lastAnswerAt: number | null = null;
  #presenceKnown = false;
  readonly #identifiedProbes = new Set<string>();
  #roundFrom: number | null = null;
  #commonAt: number | null = null;
  #roundDone = false;

  constructor(vantage: string, address: string) {
    this.vantage = vantage;
    this.address = address;
  }

  /** Whether what is first seen at `at` belongs to the first assessment of this address. */
  inFirstRound(at: number): boolean {
    if (this.#roundDone || this.#roundFrom === null) return !this.#roundDone;
    const { ports } = this;
    const common = this.#commonAt;
    const spokenFor = common !== null && [...ports.values()].every((p) => p.transport !== "tcp" || p.spoken || at > common + UNSPOKEN_MS);
    if (spokenFor || at > this.#roundFrom + FIRST_ROUND_MS) this.#roundDone = true;
    return !this.#roundDone;
  }

  /** @param span of a look at a state, null for announcements */
  absorb(seen: Seen, span: Span | null): Changes {
    const firstRound = this.inFirstRound(seen.at);
    const c: Changes = {
      opened: [],
      closed: [],
      dirty: false,
      shown: false,
      life: isSignOfLife(seen),
      missed: false,
      initial: firstRound,
      firstRound,
      firstLooks: true,
    };
    // An answer to a look that began before a miss says nothing of what came after it.
    if (c.life && !(this.goneAt !== null && seen.beganAt < this.goneAt)) this.#answered(seen);
    if (factsAs(seen, "ssdp.notify")?.kind === "ssdp:byebye") this.goneAt = seen.at;
    if (span === null) return c;
    if (seen.probe === "tcp.connect") this.#connect(seen, span, c);
    else if (seen.subject.kind === "endpoint") this.#endpoint(seen, span, c);
    else this.#host(seen, span, c);
    return c;
  }

  #answered(seen: Seen): void {
    if (this.visitAt === null) this.visitAt = seen.at;
    this.#roundFrom ??= seen.at;
    this.lastLifeAt = Math.max(this.lastLifeAt ?? 0, seen.beganAt);
    this.misses = 0;
    this.goneAt = null;
    if (seen.subject.kind === "endpoint" || seen.probe === "tcp.connect") this.#lastAnswerAt = seen.at;
  }

  #miss(seen: Seen, c: Changes): void {
    c.missed = true;
    this.misses++;
    this.goneAt = seen.at;
  }

  #install(slot: string, span: Span, c: Changes): void {
    if (this.spans.get(slot) === span) return;
    const first = !this.spans.has(slot);
    this.spans.set(slot, span);
    const { subject } = span.first;
    if (span.first.probe === "tls.handshake" && subject.kind === "endpoint") {
      this.#certificateAtPosture.set(subject.port, this.#leaf(`tls.certificate|tcp/${subject.port}|`) ?? "");
    }
    c.dirty = true;
    const port = subject.kind === "endpoint" ? this.ports.get(portKey(subject.transport, subject.port)) : undefined;
    c.initial ||= first && port?.initial === true;
    c.firstLooks &&= first;
  }

  #open(transport: "tcp" | "udp", port: number, entry: OpenPort | null, seen: Seen, c: Changes): Port {
    const key = portKey(transport, port);
    const known = this.ports.get(key);
    if (known !== undefined) {
      known.failedAt = null;
      known.timeouts = 0;
      if (entry !== null) {
        c.shown ||= known.entry?.protocol !== entry.protocol;
        known.entry = entry;
      }
      return known;
    }
    const opened: Port = {
      transport,
      port,
      openedAt: seen.at,
      openedBy: seen,
      entry,
      failedAt: null,
      timeouts: 0,
      initial: c.firstRound,
      spoken: false,
    };
    this.ports.set(key, opened);
    c.opened.push(opened);
    c.dirty = true;
    return opened;
  }

  #close(port: Port, by: Seen, c: Changes): void {
    this.ports.delete(portKey(port.transport, port.port));
    for (const slot of [...this.spans.keys()]) if (slot.includes(`|${port.transport}/${port.port}|`)) this.spans.delete(slot);
    c.closed.push({ port, by });
    c.dirty = true;
  }

  /** One more look that a known port did not answer, while the host does: a refusal ends it, silence only the third time. */
  #fail(port: Port, refused: boolean, hostAnswers: boolean, seen: Seen, c: Changes): void {
    const answeredSince = port.failedAt !== null && this.#lastAnswerAt !== null && this.#lastAnswerAt > port.failedAt;
    const alive = hostAnswers || answeredSince;
    port.failedAt ??= seen.at;
    if (!refused) port.timeouts++;
    if (alive && (refused || port.timeouts >= TIMEOUTS_TO_END)) this.#close(port, seen, c);
  }

  #connect(seen: Seen, span: Span, c: Changes): void {
    const facts = factsAs(seen, "tcp.connect");
    const tcp = [...this.ports.values()].filter((p) => p.transport === "tcp");
    if (facts === null) {
      // No port answered or refused. Agents tell that of presence looks alone, which ask known ports.
      if (tcp.length > 0) this.#miss(seen, c);
      return;
    }
    const { list } = facts;
    if (list === "presence") this.#presenceKnown = true;
    if (FIRST_ROUND_LISTS.has(list)) this.#commonAt ??= seen.at;
    const open = new Map(facts.open.map((p) => [p.port, p]));
    const failing = tcp.filter((p) => !open.has(p.port) && inRanges(facts.covered, p.port));
    for (const port of failing) this.#fail(port, !inRanges(facts.filtered, port.port), open.size > 0, seen, c);
    if (open.size === 0 && failing.length > 0) {
      // Every known port of the list failed: one missed look of the host. Presence looks alone count where there are any.
      if (list === "presence" || !this.#presenceKnown) this.#miss(seen, c);
      return;
    }
    for (const entry of facts.open) {
      const port = this.#open("tcp", entry.port, entry, seen, c);
      if (entry.protocol !== "") port.spoken = true;
    }
    this.#install(span.slot, span, c);
  }

  #endpoint(seen: Seen, span: Span, c: Changes): void {
    const { subject } = seen;
    if (subject.kind !== "endpoint") return;
    const known = this.ports.get(portKey(subject.transport, subject.port));
    if (seen.outcome === "unreachable") {
      const count = c.closed.length;
      if (known !== undefined) this.#fail(known, seen.fault?.code === "refused", false, seen, c);
      const kept = this.spans.get(span.slot);
      if (c.closed.length > count || kept === undefined || kept.first.outcome === "unreachable") this.#install(span.slot, span, c);
      return;
    }
    if (seen.outcome === "identified") this.#open(subject.transport, subject.port, null, seen, c);
    const port = this.ports.get(portKey(subject.transport, subject.port));
    if (port !== undefined && APPLICATION_PROBES.has(seen.probe)) port.spoken = true;
    this.#install(span.slot, span, c);
  }

  #host(seen: Seen, span: Span, c: Changes): void {
    if (c.life) this.#identifiedProbes.add(seen.probe);
    else {
      const hasTcp = [...this.ports.values()].some((p) => p.transport === "tcp");
      if (!hasTcp && this.#identifiedProbes.has(seen.probe)) this.#miss(seen, c);
      if (this.spans.get(span.slot)?.first.outcome === "identified" && seen.outcome === "unreachable") return;
    }
    this.#install(span.slot, span, c);
  }

  #leaf(slot: string): string | undefined {
    const span = this.spans.get(slot);
    if (span === undefined) return undefined;
    return (factsAs(span.first, "tls.certificate") ?? factsAs(span.first, "tls.handshake"))?.chain[0]?.sha256;
  }

  /** The state of every port that a look covers is what its latest look found. */
  #portsShown(span: Span, facts: TcpFacts): Look {
    const own = new Map(facts.open.map((p) => [p.port, p]));
    const open: OpenPort[] = [];
    for (const p of this.ports.values()) {
      if (p.transport !== "tcp" || !(own.has(p.port) || inRanges(facts.covered, p.port))) continue;
      open.push(own.get(p.port) ?? p.entry ?? { port: p.port, protocol: "", banner: "" });
    }
    return lookOf(span, { ...facts, open: open.sort((a, b) => a.port - b.port) });
  }

  /** A certificate that changed since the full posture was taken stands in the posture's chain; the rest of it is as it was. */
  #tlsShown(span: Span, port: number): Look {
    const slot = `tls.certificate|tcp/${port}|`;
    const light = this.spans.get(slot);
    const facts = factsAs(span.first, "tls.handshake");
    const chain = light === undefined ? undefined : factsAs(light.first, "tls.certificate")?.chain;
    const base = this.#certificateAtPosture.get(port) ?? "";
    if (facts === null || light === undefined || chain?.[0] === undefined || base === "" || chain[0].sha256 === base) return lookOf(span);
    return { ...lookOf(span, { ...facts, chain }), id: light.first.baseId, observedAt: light.first.at };
  }

  looks(): Look[] {
    return [...this.spans.values()].map((span) => {
      const look = this.#shown(span);
      const { endpoint } = look;
      // What was carried here from an address that the device left speaks of this one now.
      return endpoint.address === this.address || endpoint.address === ""
        ? look
        : { ...look, endpoint: { ...endpoint, address: this.address } };
    });
  }

  #shown(span: Span): Look {
    const { first } = span;
    const tcp = factsAs(first, "tcp.connect");
    if (tcp !== null) return this.#portsShown(span, tcp);
    if (first.probe === "tls.handshake" && first.subject.kind === "endpoint") return this.#tlsShown(span, first.subject.port);
    return lookOf(span);
  }

  /** Whether a look at this address covered the port and did not find it open. */
  #shut(port: Port): boolean {
    if (port.transport !== "tcp" || this.ports.has(portKey("tcp", port.port))) return false;
    return [...this.spans.values()].some((s) => inRanges(factsAs(s.first, "tcp.connect")?.covered ?? [], port.port));
  }

  /**
   * The device left `old` for this address: what was known there holds here until looks of the same kind say otherwise.
   * @returns ports that are known to be shut here
   */
  succeed(old: Place, by: Seen): Changes {
    const c: Changes = {
      opened: [],
      closed: [],
      dirty: true,
      shown: true,
      life: false,
      missed: false,
      initial: false,
      firstRound: false,
      firstLooks: false,
    };
    for (const [key, port] of old.ports) {
      if (this.#shut(port)) c.closed.push({ port, by });
      else if (!this.ports.has(key)) this.ports.set(key, { ...port, failedAt: null, timeouts: 0 });
    }
    for (const [slot, span] of old.spans) {
      const mine = this.spans.get(slot);
      const endpoint = /\|(tcp|udp)\/(\d+)\|/.exec(slot);
      if (endpoint !== null && !this.ports.has(`${endpoint[1]}/${endpoint[2]}`)) continue;
      if (mine === undefined || (mine.first.outcome === "unreachable" && span.first.outcome !== "unreachable")) this.spans.set(slot, span);
    }
    for (const [port, leaf] of old.#certificateAtPosture)
      if (!this.#certificateAtPosture.has(port)) this.#certificateAtPosture.set(port, leaf);
    this.#commonAt ??= old.#commonAt;
    this.#roundDone ||= old.#roundDone;
    old.leave();
    return c;
  }

  /** The address is no longer the device's. */
  leave(): void {
    this.active = false;
    this.visitAt = null;
    this.identifiedAt = null;
    this.misses = 0;
    this.goneAt = null;
    this.ports.clear();
    this.spans.clear();
    this.#certificateAtPosture.clear();
  }
}
