/** Canonical JSON (RFC 8785): sorted keys, no white space, so that one decision has one text and one hash. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** Keys without a value are left out. @throws TypeError for what JSON cannot say: NaN, infinities, lone surrogates. */
export function canonicalJson(value: Json): string {
  if (typeof value === "number" && !Number.isFinite(value)) throw new TypeError(`${value} has no JSON`);
  if (typeof value === "string" && !value.isWellFormed()) throw new TypeError("text with lone surrogates has no canonical JSON");
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonicalJson).join(",")}]`;
  // Array.prototype.sort compares UTF-16 code units, which is the order that RFC 8785 3.2.3 asks for.
  const members = Object.keys(value)
    .sort()
    .flatMap((key) => {
      const member = value[key];
      return member === undefined ? [] : [`${canonicalJson(key)}:${canonicalJson(member)}`];
    });
  return `{${members.join(",")}}`;
}

function isList(value: object): value is readonly Json[] {
  return Array.isArray(value);
}
