/** Files in which people tell what an audit cannot see: declared services of models, and attestations. YAML or JSON, times as RFC 3339. */
import { readFileSync } from "node:fs";
import { attestationBody, type Decisions, profileBody } from "@vedette/collector/audit";
import { clauseById } from "@vedette/standard";
import { parse, YAMLParseError } from "yaml";
import { z } from "zod";
import { usage } from "../exit.ts";

const time = z.iso
  .datetime({ offset: true, error: 'must be an RFC 3339 time, for example "2026-02-04T08:00:00Z"' })
  .transform((text) => Date.parse(text));
const id = z.string().trim().min(1, "must not be empty").max(120);
const target = { error: "must name what it is about: device, or vendor with or without model" };

const Profiles = z.strictObject({
  profiles: z
    .array(
      profileBody
        .omit({ site: true, from: true })
        /** From when it holds; absent: always. */
        .extend({ id, from: time.default(0) })
        .refine((p) => Object.keys(p.match).length > 0, { ...target, path: ["match"] }),
    )
    .max(1_000),
});

const Attestations = z.strictObject({
  attestations: z
    .array(
      attestationBody
        .omit({ standard: true })
        .extend({ id, author: id, validFrom: time, expires: time })
        .refine((a) => Object.keys(a.target).length > 0, { ...target, path: ["target"] })
        .refine((a) => a.validFrom < a.expires, { error: "must be after validFrom", path: ["expires"] })
        .superRefine((a, cx) => {
          for (const [i, clause] of a.clauses.entries())
            if (clauseById(clause) === null)
              cx.addIssue({ code: "custom", path: ["clauses", i], message: `"${clause}" is no clause of TS-0014-1` });
        }),
    )
    .max(10_000),
});

/** @throws CommandError with status 2 that names the place in the file and the fix */
export function readProfiles(file: string): Decisions["profiles"] {
  return read(file, "--profile", Profiles).profiles.map(({ wired, match, ...p }) => ({
    ...p,
    match: { ...match },
    ...(wired === undefined ? {} : { wired }),
  }));
}

/** @throws CommandError with status 2 that names the place in the file and the fix */
export function readAttestations(file: string): Decisions["attestations"] {
  return read(file, "--attestations", Attestations).attestations.map((a) => ({ ...a, target: { ...a.target }, recordedAt: a.validFrom }));
}

function read<T extends z.ZodType>(file: string, option: string, schema: T): z.output<T> {
  const parsed = schema.safeParse(parseFile(file, option), { reportInput: true });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw usage(`${option}: ${file}: ${issue === undefined ? "cannot be used" : sentence(issue)}`);
}

function parseFile(file: string, option: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    throw usage(`${option}: ${file} cannot be read (${code}); give the path of a YAML or JSON file`);
  }
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof YAMLParseError)
      throw usage(`${option}: ${file}: line ${error.linePos?.[0].line ?? "?"} is neither YAML nor JSON; correct it`);
    throw error;
  }
}

function sentence(issue: z.core.$ZodIssue): string {
  const path = issue.path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  const place = path.replace(/^\./, "");
  if (issue.code === "unrecognized_keys") {
    const field = `${place === "" ? "" : `${place}.`}${issue.keys[0] ?? ""}`;
    return `${field} is no field here; remove it or correct its spelling`;
  }
  if (issue.code === "invalid_type" && issue.input === undefined) return `${place} is missing; it must be given (${issue.expected})`;
  return `${place === "" ? "the file" : place}: ${issue.message}`;
}
