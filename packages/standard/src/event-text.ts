/** Events -> one sentence in each language. */
import { clauseById } from "./catalogue/ts-0014-1@2.ts";
import { EVENT_TEMPLATES, IDENTIFIER_NAMES, STATUS_NAMES } from "./reason/event.ts";
import { fill, type Templates } from "./reason/template.ts";
import { reasonText } from "./reason.ts";
import type { Parameters, Status, Text } from "./types.ts";

export const CHANGE_CODES: readonly string[] = Object.keys(EVENT_TEMPLATES);

function own(table: Templates, key: string): readonly [string, string] | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** Values that have names of ours in each language. */
function localised(parameters: Parameters, lang: 0 | 1): Parameters {
  const { identifier, endpoint, protocol } = parameters;
  const named = typeof identifier === "string" ? own(IDENTIFIER_NAMES, identifier)?.[lang] : undefined;
  const where = typeof endpoint === "string" ? endpoint : "";
  const service =
    typeof protocol !== "string" || protocol === "" ? where : lang === 0 ? `${where} (${protocol})` : `${where}（${protocol}）`;
  return { ...parameters, service, ...(named === undefined ? {} : { identifier: named }) };
}

/**
 * Text of an occurrence. `change` is one of CHANGE_CODES; parameters by code:
 * device-appeared, -vanished, -returned: address; device-moved, -merged: from, to, identifier (kind), value; device-split: from, to, reason;
 * service-opened, -closed: endpoint ("443/tcp"), protocol?; certificate-changed: endpoint, from, to. Unknown codes give a readable fallback.
 */
export function eventText(change: string, parameters: Parameters): Text {
  const template = own(EVENT_TEMPLATES, change);
  if (template === undefined) return reasonText(change, parameters);
  return { en: fill(template, localised(parameters, 0)).en, "zh-TW": fill(template, localised(parameters, 1))["zh-TW"] };
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
