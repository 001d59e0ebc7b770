/** Events -> one sentence in each language. */
import { clauseById } from "./catalogue/ts-0014-1@2.ts";
import { EVENT_TEMPLATES, STATUS_NAMES } from "./reason/event.ts";
import { fill, type Templates } from "./reason/template.ts";
import { reasonText } from "./reason.ts";
import type { Parameters, Status, Text } from "./types.ts";

export const CHANGE_CODES: readonly string[] = Object.keys(EVENT_TEMPLATES);

function own(table: Templates, key: string): readonly [string, string] | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/**
 * Text of an occurrence. `change` is one of CHANGE_CODES; parameters by code:
 * device-appeared, -vanished, -returned: address; device-moved, -merged: from, to, identifier? (kind), value?; device-split: from, to, reason?;
 * device-replaced: from, to; service-opened, -closed: endpoint ("443/tcp"), protocol?; certificate-changed: endpoint, from?, to;
 * certificate-expiring: endpoint, notAfter; community-default: community; evidence-expired: probe, confirmedAt;
 * agent-silent, -returned: agent, since; agent-gap: agent, gap (its reason), changes, outcomes, confirmations; agent-cloned: agent; sweep-corrected: rows.
 * Unknown codes give a readable fallback.
 */
export function eventText(change: string, parameters: Parameters): Text {
  const template = own(EVENT_TEMPLATES, change);
  return template === undefined ? reasonText(change, parameters) : fill(template, parameters);
}

function statusName(status: Status | "retracted" | null): readonly [string, string] {
  return (status === null ? undefined : own(STATUS_NAMES, status)) ?? ["not assessed", "未評估"];
}

/** Text of a verdict that changed: the clause, from, to, and the reason that holds now. */
export function transitionText(
  clause: string,
  from: Status | "retracted" | null,
  to: Status | "retracted" | null,
  code: string,
  parameters: Parameters,
): Text {
  const title = clauseById(clause)?.title ?? { en: "", "zh-TW": "" };
  const [a, b] = [statusName(from), statusName(to)];
  const reason = reasonText(code, parameters);
  return {
    en: `${clause} ${title.en}: ${a[0]} → ${b[0]}. ${reason.en}`,
    "zh-TW": `${clause} ${title["zh-TW"]}：${a[1]} → ${b[1]}。${reason["zh-TW"]}`,
  };
}
