/** Fields of frames, as tshark prints them; versions differ in how they write numbers and flags. */
import { output } from "../tls/program.ts";

export interface Values<Field extends string> {
  has(field: Field): boolean;
  /** The first; empty where there is none. */
  text(field: Field): string;
  number(field: Field): number | undefined;
  flag(field: Field): boolean | undefined;
  /** "00-0F-AC:4" */
  suites(field: Field): string[];
}

export interface Question {
  /** A display filter. */
  readonly filter: string;
  /** tshark's preference "Assume packets have FCS"; a radiotap flag that says otherwise goes before it. */
  readonly assumeFcs: boolean;
}

/** One entry for each frame that the filter lets through. */
export async function fieldsOf<Field extends string>(
  path: string,
  fields: readonly Field[],
  { filter, assumeFcs }: Question,
): Promise<Values<Field>[]> {
  const preferences = ["-o", "wlan.check_checksum:TRUE", "-o", `wlan.check_fcs:${assumeFcs ? "TRUE" : "FALSE"}`];
  const text = await output("tshark", [
    "-n",
    "-r",
    path,
    ...preferences,
    "-Y",
    filter,
    "-T",
    "json",
    ...fields.flatMap((field) => ["-e", field]),
  ]);
  const packets = JSON.parse(text) as { readonly _source: { readonly layers: Readonly<Record<string, readonly string[]>> } }[];
  return packets.map(({ _source: { layers } }) => valuesOf(layers));
}

function valuesOf(layers: Readonly<Record<string, readonly string[]>>): Values<string> {
  const first = (field: string) => layers[field]?.[0];
  const number = (field: string) => {
    const text = first(field);
    return text === undefined ? undefined : Number(text);
  };
  const flag = (field: string) => {
    const text = first(field)?.toLowerCase();
    return text === undefined ? undefined : text === "true" || Number(text) > 0;
  };
  return {
    has: (field) => layers[field] !== undefined,
    text: (field) => first(field) ?? "",
    number,
    flag,
    suites: (field) => (layers[field] ?? []).map((each) => suiteText(Number(each))),
  };
}

/** @param suite OUI and type as one number of 32 bits */
function suiteText(suite: number): string {
  const hex = (suite >>> 8).toString(16).toUpperCase().padStart(6, "0");
  return `${hex.slice(0, 2)}-${hex.slice(2, 4)}-${hex.slice(4)}:${suite & 0xff}`;
}
