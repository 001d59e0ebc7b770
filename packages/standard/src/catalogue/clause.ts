/** Short forms in which the catalogue is written. */
import type { Aspect, Clause, Kind, Text, Tier } from "../types.ts";

export type Pair = readonly [en: string, zhTw: string];
type Reference = Clause["references"][number];

export function text([en, zhTw]: Pair): Text {
  return { en, "zh-TW": zhTw };
}

/** "I2" is OWASP Top IoT Vulnerabilities (2014), "8.3(a)" a section of ANSI/CAN/UL 2900-1:2017, "Core 4.5.5" an ONVIF specification. */
function reference(item: string): Reference {
  if (/^I\d+$/.test(item)) return { scheme: "OWASP IoT", item };
  return /^\d/.test(item) ? { scheme: "ANSI/UL 2900-1", item } : { scheme: "ONVIF", item };
}

interface Wording {
  readonly title: Pair;
  readonly summary: Pair;
  readonly decidedBy: Pair;
  readonly remediation: Pair;
  readonly references?: readonly string[];
}

type Row = readonly [id: string, levels: readonly (1 | 2 | 3)[], kind: Kind, tier: Tier | null, wording: Wording];

/** Builds the clauses of one aspect from rows; `items` holds the titles of its sub-items. */
export function clauses(aspect: Aspect, items: Readonly<Record<string, Pair>>, rows: readonly Row[]): Clause[] {
  return rows.map(([id, levels, kind, tier, wording]) => {
    const item = id.split(".").slice(0, 3).join(".");
    const title = items[item];
    if (title === undefined) throw new Error(`catalogue: ${id} has no sub-item ${item}`);
    return {
      id,
      aspect,
      item,
      itemTitle: text(title),
      levels,
      kind,
      tier,
      title: text(wording.title),
      summary: text(wording.summary),
      decidedBy: text(wording.decidedBy),
      remediation: text(wording.remediation),
      references: (wording.references ?? []).map(reference),
    };
  });
}
