/** What passive sources hear, brought to the schedule: a signal asks for looks, an announcement for its host; neither proves anything. */
import { encodeFacts } from "@vedette/proto";
import type { Logger } from "pino";
import { type Discover, type Discovered, type Running, together } from "./discover/discover.ts";
import { mdns } from "./discover/mdns.ts";
import { ssdp } from "./discover/ssdp.ts";
import { wsd } from "./discover/wsd.ts";
import type { Door } from "./net/door.ts";
import type { Clock } from "./probe/probe.ts";
import { ssdpNotify } from "./probe/ssdp/notify.ts";
import { capEvidence, type Look } from "./run.ts";
import type { Scheduler } from "./schedule/schedule.ts";
import type { Announced, Site } from "./schedule/site.ts";

const SOURCES: readonly Discover[] = [ssdp, mdns, wsd];

export interface ListenParts {
  readonly door: Door;
  readonly clock: Clock;
  readonly site: Site;
  readonly scheduler: Scheduler;
  /** Tells what is a fact in itself. */
  readonly report: (look: Look) => void;
  readonly logger: Logger;
}

function lookOf(event: Extract<Discovered, { kind: "observation" }>, clock: Clock): Look | undefined {
  const { found, probe } = event;
  if (found.subject?.kind !== "host") return undefined;
  const { address, linkAddress } = found.subject;
  return {
    probe,
    probeVersion: ssdpNotify.version,
    tier: ssdpNotify.tier,
    subject: { kind: "host", address },
    ...(linkAddress === undefined ? {} : { linkAddress }),
    interface: event.via,
    wallMs: clock.wall(),
    monotonicMs: clock.monotonic(),
    outcome: "identified",
    facts: found,
    encoded: encodeFacts(probe, found.posture, found.volatile),
    evidence: capEvidence(found.evidence ?? []),
    cost: { connections: 0, bytesIn: 0, bytesOut: 0, durationMs: 0 },
    notes: [],
  };
}

function announcedBy(event: Extract<Discovered, { kind: "target" }>): Announced | undefined {
  const rtspPaths = event.target.hints?.["rtspPaths"] ?? "";
  switch (event.probe) {
    case "rtsp.describe":
      return { application: "rtsp", rtspPaths };
    case "http.root":
      return { application: "http", rtspPaths: "" };
    case "tls.handshake":
      return { application: "https", rtspPaths: "" };
    default:
      return undefined;
  }
}

/** Listens on the door's interfaces until it is stopped. */
export function listenTo(parts: ListenParts): Running {
  const { door, clock, site, scheduler, logger } = parts;

  function onTarget(event: Extract<Discovered, { kind: "target" }>): void {
    const { address, port, hints } = event.target;
    if (event.probe === "mdns.browse" || event.probe === "wsd.probe") scheduler.search(event.probe);
    const path = hints?.["path"];
    if (event.probe === "upnp.description" && path !== undefined) site.noteDescription(address, port, path);
    const announced = announcedBy(event);
    if (announced !== undefined) site.noteService(address, port, announced);
    scheduler.signal(address, port);
  }

  function onEvent(event: Discovered): void {
    if (event.kind === "signal") {
      logger.debug({ source: event.source, address: event.address, reason: event.reason }, "a passive signal");
      scheduler.signal(event.address);
    } else if (event.kind === "target") {
      onTarget(event);
    } else {
      const look = lookOf(event, clock);
      if (look !== undefined) parts.report(look);
    }
  }

  const note = (step: string, detail: Readonly<Record<string, unknown>>) =>
    logger.warn({ step, ...detail }, "a source of passive signals lives on with a fault");
  return together(SOURCES.map((source) => source.start({ door, clock, note }, onEvent)));
}
