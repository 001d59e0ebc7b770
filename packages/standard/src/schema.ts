/** The file that `vedette assess FILE.json` takes: an AssessInput with RFC 3339 times. Published as JSON Schema. */
import { FactsError, PROBE_IDS, type ProbeId, parseFacts } from "@vedette/proto";
import { z } from "zod";
import { RULES_VERSION } from "./assess.ts";
import { clauseById } from "./catalogue/ts-0014-1@2.ts";
import { withoutNames } from "./registry/names.ts";
import type { AssessInput } from "./types.ts";

const DEVICE_CLASSES = [
  "camera",
  "recorder",
  "nas",
  "encoder",
  "switch",
  "access-point",
  "router",
  "vms",
  "workstation",
  "printer",
  "phone",
  "other",
] as const;
const ALL_OF_54 = /^5\.\d\.\d(\.\d)?$/;

const time = z.iso.datetime({ offset: true, error: 'must be an RFC 3339 time, for example "2026-02-04T08:00:00Z"' });
const name = z.string().min(1, "must not be empty").max(1_000);
const port = z.int("must be a whole number").min(0).max(65_535, "must be a port, 0 to 65535");
const clause = z.string().regex(ALL_OF_54, 'must be a clause number, for example "5.3.1.1"');

const look = z.strictObject({
  id: name.describe('Key of the observation, "agent/epoch/seq"; any unique text in a file written by hand.'),
  probe: z.enum(PROBE_IDS as [ProbeId, ...ProbeId[]], { error: `must be a probe: ${PROBE_IDS.join(", ")}` }),
  probeVersion: z.int().min(1).default(1),
  vantage: name.default("file"),
  endpoint: z.strictObject({
    address: z.string().max(100).default(""),
    transport: z.enum(["tcp", "udp", "host", "bss"], { error: "must be tcp, udp, host or bss" }),
    port: port.default(0),
    bssid: z
      .string()
      .regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/, 'must be written "00:11:22:33:44:55"')
      .optional(),
  }),
  outcome: z.enum(["identified", "not-identified", "unreachable"], { error: "must be identified, not-identified or unreachable" }),
  fault: z.strictObject({ phase: name, code: name }).optional(),
  observedAt: time,
  confirmedAt: time.optional().describe("Last time the same facts were seen; observedAt where absent."),
  intervalMs: z
    .int()
    .min(1, "must be at least 1 ms")
    .default(3_600_000)
    .describe("Reporting interval; the look is fresh for three of them."),
  facts: z.record(z.string(), z.unknown()).optional().describe("The result of `vedette probe --json`; names beside numbers are optional."),
});

const schema = z.strictObject({
  at: time.describe("The time for which the device is judged."),
  device: z.strictObject({
    class: z.enum(DEVICE_CLASSES, { error: `must be one of ${DEVICE_CLASSES.join(", ")}` }),
    radioSeen: z.boolean().default(false),
  }),
  endpoints: z.array(look).max(20_000).default([]),
  history: z
    .strictObject({
      certificates: z.array(z.strictObject({ sha256: name, issuer: z.string(), endpoint: name, firstSeenAt: time, id: name })).default([]),
      firmwares: z.array(z.strictObject({ version: name, firstSeenAt: time, id: name })).default([]),
    })
    .prefault({}),
  fleet: z.strictObject({ sharedKeys: z.array(z.strictObject({ spkiSha256: name, devices: z.array(name) })).default([]) }).prefault({}),
  coverage: z
    .strictObject({
      tcp: z.array(z.strictObject({ first: port, last: port, at: time })).default([]),
      completeSweepAt: time.nullable().default(null),
    })
    .prefault({}),
  profile: z
    .strictObject({
      id: name,
      services: z.array(z.string().regex(/^(tcp|udp)\/\d{1,5}$/, 'must be written "tcp/443"')),
      wired: z.boolean().optional(),
      onvif: z.boolean().optional(),
    })
    .nullable()
    .default(null),
  attestations: z
    .array(
      z.strictObject({
        id: name,
        clauses: z.array(clause).min(1, "must name a clause"),
        result: z.enum(["pass", "fail", "notapplicable"], { error: "must be pass, fail or notapplicable" }),
        author: name,
        documentHash: name,
        standard: name.optional(),
        validFrom: time,
        expires: time,
      }),
    )
    .default([])
    .describe("Narrowest target first: where several hold for a clause, the first counts."),
  acceptedRisks: z.array(z.strictObject({ id: name, clause, author: name, reason: name, expires: time })).default([]),
  feed: z.strictObject({ activeAt: time.nullable().default(null), version: z.string().nullable().default(null) }).prefault({}),
  rules: z.string().default(RULES_VERSION),
});

type Written = z.output<typeof schema>;

export interface AssessInputProblem {
  /** "endpoints[2].facts" */
  readonly path: string;
  readonly message: string;
}

/** One line per problem, each naming the place in the file and the fix. */
export class AssessInputError extends Error {
  override readonly name = "AssessInputError";
  readonly problems: readonly AssessInputProblem[];

  constructor(problems: readonly AssessInputProblem[]) {
    super(problems.map((p) => `${p.path}: ${p.message}`).join("\n"));
    this.problems = problems;
  }
}

function pathText(path: readonly PropertyKey[]): string {
  const text = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`)).join("");
  return text === "" ? "(the file)" : text.replace(/^\./, "");
}

function ms(text: string): number {
  return Date.parse(text);
}

function readLook(written: Written["endpoints"][number], index: number, problems: AssessInputProblem[]): AssessInput["endpoints"][number] {
  const { facts, endpoint, fault, observedAt, confirmedAt, ...rest } = written;
  const { bssid, ...place } = endpoint;
  const base = {
    ...rest,
    endpoint: bssid === undefined ? place : { ...place, bssid },
    ...(fault === undefined ? {} : { fault }),
    observedAt: ms(observedAt),
    confirmedAt: ms(confirmedAt ?? observedAt),
  };
  if (written.outcome !== "identified") return base;
  const path = `endpoints[${index}].facts`;
  if (facts === undefined) {
    problems.push({ path, message: "must be given where the outcome is identified" });
    return base;
  }
  try {
    return { ...base, facts: parseFacts(written.probe, withoutNames(written.probe, facts)) };
  } catch (error) {
    if (!(error instanceof FactsError)) throw error;
    problems.push({ path, message: error.message });
    return base;
  }
}

function crossChecks(written: Written): AssessInputProblem[] {
  const problems: AssessInputProblem[] = [];
  written.coverage.tcp.forEach((range, i) => {
    if (range.first > range.last) problems.push({ path: `coverage.tcp[${i}]`, message: "first must not be greater than last" });
  });
  const unknown = (id: string) => clauseById(id) === null && !/^5\.\d\.\d$/.test(id);
  written.attestations.forEach((a, i) => {
    a.clauses.forEach((id, j) => {
      if (unknown(id)) problems.push({ path: `attestations[${i}].clauses[${j}]`, message: `the standard has no clause ${id}` });
    });
    if (ms(a.expires) <= ms(a.validFrom)) problems.push({ path: `attestations[${i}].expires`, message: "must be later than validFrom" });
  });
  const seen = new Set<string>();
  written.endpoints.forEach((l, i) => {
    if (seen.has(l.id)) problems.push({ path: `endpoints[${i}].id`, message: `"${l.id}" stands twice; ids must be unique` });
    seen.add(l.id);
  });
  return problems;
}

/**
 * Reads an assess input as written in a file.
 * @throws AssessInputError naming every place that does not fit
 */
export function parseAssessInput(json: unknown): AssessInput {
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw new AssessInputError(parsed.error.issues.map((i) => ({ path: pathText(i.path), message: i.message })));
  const written = parsed.data;
  const problems = crossChecks(written);
  const { profile, coverage, history, feed } = written;
  const input: AssessInput = {
    at: ms(written.at),
    device: written.device,
    endpoints: written.endpoints.map((l, i) => readLook(l, i, problems)),
    history: {
      certificates: history.certificates.map((c) => ({ ...c, firstSeenAt: ms(c.firstSeenAt) })),
      firmwares: history.firmwares.map((f) => ({ ...f, firstSeenAt: ms(f.firstSeenAt) })),
    },
    fleet: written.fleet,
    coverage: {
      tcp: coverage.tcp.map((r) => ({ ...r, at: ms(r.at) })),
      completeSweepAt: coverage.completeSweepAt === null ? null : ms(coverage.completeSweepAt),
    },
    profile:
      profile === null
        ? null
        : {
            id: profile.id,
            services: profile.services,
            ...(profile.wired === undefined ? {} : { wired: profile.wired }),
            ...(profile.onvif === undefined ? {} : { onvif: profile.onvif }),
          },
    attestations: written.attestations.map(({ standard, validFrom, expires, ...a }) => ({
      ...a,
      ...(standard === undefined ? {} : { standard }),
      validFrom: ms(validFrom),
      expires: ms(expires),
    })),
    acceptedRisks: written.acceptedRisks.map((r) => ({ ...r, expires: ms(r.expires) })),
    feed: { activeAt: feed.activeAt === null ? null : ms(feed.activeAt), version: feed.version },
    rules: written.rules,
  };
  if (problems.length > 0) throw new AssessInputError(problems);
  return input;
}

/** JSON Schema (2020-12) of the file. Facts are checked further against the probe's own messages when it is read. */
export function assessInputJsonSchema(): Record<string, unknown> {
  return { title: "vedette assess input", ...(z.toJSONSchema(schema, { io: "input" }) as Record<string, unknown>) };
}
