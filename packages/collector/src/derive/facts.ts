/** Typed sight of what a probe saw. */
import type { FactsOf, ProbeId } from "@vedette/proto";
import type { Seen } from "./history.ts";

/** The facts of an identified look of this probe, else null. */
export function factsAs<P extends ProbeId>(seen: Pick<Seen, "probe" | "outcome" | "facts">, probe: P): FactsOf<P> | null {
  return seen.probe === probe && seen.outcome === "identified" && seen.facts !== null ? (seen.facts as unknown as FactsOf<P>) : null;
}

/**
 * True where the host itself made this answer: an open port, an identified service, a multicast of its own.
 * A refusal is none: it may come from something in between, and on loopback every address refuses.
 */
export function isSignOfLife(seen: Seen): boolean {
  if (seen.outcome !== "identified" || seen.probe === "wifi.bss") return false;
  const tcp = factsAs(seen, "tcp.connect");
  if (tcp !== null) return tcp.open.length > 0;
  const notify = factsAs(seen, "ssdp.notify");
  if (notify !== null) return notify.kind !== "ssdp:byebye";
  const search = factsAs(seen, "ssdp.search");
  if (search !== null) return search.services.length > 0;
  const browse = factsAs(seen, "mdns.browse");
  if (browse !== null) return browse.services.length > 0 || browse.hostNames.length > 0;
  const probed = factsAs(seen, "wsd.probe");
  if (probed !== null) return probed.targets.length > 0;
  return true;
}

/** A look at the host that nothing answered. */
export function isMiss(seen: Seen): boolean {
  if (seen.outcome === "undetermined" || seen.probe === "ssdp.notify" || seen.probe === "wifi.bss") return false;
  return !isSignOfLife(seen) && (seen.outcome !== "not-identified" || seen.subject.kind === "host");
}

/** Whether a sorted list of disjoint ranges holds the port. */
export function inRanges(ranges: readonly { readonly first: number; readonly last: number }[], port: number): boolean {
  return ranges.some((r) => r.first <= port && port <= r.last);
}
