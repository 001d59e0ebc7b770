/** Reason code and parameters -> one sentence in each language. */
import { fill } from "./reason/template.ts";
import { AFTER_OBSERVED, VERDICT_TEMPLATES } from "./reason/verdict.ts";
import type { Parameters, Text } from "./types.ts";

/** Every code that a verdict can bear. */
export const REASON_CODES: readonly string[] = [...Object.keys(VERDICT_TEMPLATES), ...Object.keys(AFTER_OBSERVED)];

function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** A code of a later version still reads: the code itself and what it was given. */
function fallback(code: string, parameters: Parameters): Text {
  const given = Object.entries(parameters)
    .map(([key, value]) => `${key}: ${Array.isArray(value) ? value.join(", ") : String(value)}`)
    .join("; ");
  const tail = given === "" ? "" : ` (${given})`;
  return { en: `Reason “${code}”${tail}.`, "zh-TW": `原因「${code}」${tail}。` };
}

function append(text: Text, more: Text): Text {
  return { en: `${text.en} ${more.en}`, "zh-TW": `${text["zh-TW"]}${more["zh-TW"]}` };
}

function sentence(code: string, parameters: Parameters): Text {
  const after = own(AFTER_OBSERVED, code);
  const observed = parameters["observed"];
  if (after !== undefined) {
    const tail = fill(after, parameters);
    return typeof observed === "string" && own(AFTER_OBSERVED, observed) === undefined
      ? append(sentence(observed, parameters), tail)
      : tail;
  }
  const template = own(VERDICT_TEMPLATES, code);
  return template === undefined ? fallback(code, parameters) : fill(template, parameters);
}

/** Texts of a verdict's reason. Unknown codes give a readable fallback, never an error. */
export function reasonText(code: string, parameters: Parameters): Text {
  const text = sentence(code, parameters);
  const more = parameters["more"];
  if (typeof more !== "number" || more < 1) return text;
  return append(text, { en: `(and ${more} more, see the evidence)`, "zh-TW": `（另有 ${more} 項，見證據）` });
}
