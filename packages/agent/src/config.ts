/** The agent's config file: parsed once, frozen. Every refusal names the field and the fix. */
import { readFileSync } from "node:fs";
import { parse, YAMLParseError } from "yaml";
import { z } from "zod";
import { parseScope, ScopeError } from "./net/scope.ts";
import { TIERS } from "./policy.ts";

const WHOLE_INTERNET = /^(0\.0\.0\.0|::)\/0$/;

function networks(field: string) {
  return z.array(z.string(), { error: `${field}: must be a list of networks, for example [192.168.1.0/24]` }).superRefine((list, cx) => {
    try {
      parseScope({ include: list });
    } catch (error) {
      if (!(error instanceof ScopeError)) throw error;
      cx.addIssue({ code: "custom", message: error.message.replace(/^scope/, field) });
    }
  });
}

const scope = networks("scope")
  .min(1, { error: "scope: is empty; name the networks that may be looked at, for example [192.168.1.0/24]" })
  .superRefine((list, cx) => {
    const whole = list.find((p) => WHOLE_INTERNET.test(p.trim()));
    if (whole !== undefined)
      cx.addIssue({ code: "custom", message: `scope: ${whole} is every address there is; name the site's own networks` });
  });

const rate = z.int().min(1).max(10_000);
/** Attempts at once that a device of a surveillance site is asked to bear. */
const MOST_CONCURRENT = 16;

export const AgentConfigSchema = z.strictObject({
  /** Folder of identity, outbox and probe log. */
  data: z.string().min(1),
  /** Where the centre is; enrolment tells it, so that it is needed only where it moved. */
  centre: z.strictObject({ grpc: z.string().regex(/^(\[[0-9A-Fa-f:]+\]|[^:\s]+):\d{1,5}$/, "must be HOST:PORT") }).optional(),
  scope,
  exclude: networks("exclude").default([]),
  /** Names; absent: every interface whose network lies in the scope. */
  interfaces: z.array(z.string().min(1)).min(1).optional(),
  tier: z.enum(TIERS).default("polite"),
  /** Capture files (pcap, pcapng) that are looked at for BSSs. */
  wifi: z.array(z.string().min(1)).default([]),
  /** Source address for sites simulated on loopback. */
  sourceAddress: z.union([z.ipv4(), z.ipv6()]).optional(),
  /** Ceilings that a policy may not pass. */
  budget: z
    .strictObject({
      sitePerSecond: rate.optional(),
      hostPerSecond: rate.optional(),
      sweepHostPerSecond: rate.optional(),
      hostConcurrent: z.int().min(1).max(MOST_CONCURRENT).optional(),
    })
    .transform(
      (b) =>
        Object.fromEntries(Object.entries(b).filter(([, v]) => v !== undefined)) as {
          sitePerSecond?: number;
          hostPerSecond?: number;
          sweepHostPerSecond?: number;
          hostConcurrent?: number;
        },
    )
    .default({}),
  /** What the agent takes of its machine at the most (docs/schedule.md). */
  limits: z
    .strictObject({
      /** Resident memory. At it no new look begins; an agent that stays there ends, to be started anew. */
      memoryMiB: z.int().min(128).max(65_536).default(256),
      /** Sockets to the site open at once. */
      sockets: z.int().min(8).max(65_536).default(256),
    })
    .prefault({}),
  /** What is kept for the centre at the most; beyond it confirmations are given up first and changes last (docs/observation.md). */
  outbox: z
    .strictObject({
      maxMiB: z
        .int()
        .min(1)
        .max(1024 * 1024)
        .default(1024),
      maxDays: z.int().min(1).max(396).default(30),
    })
    .prefault({}),
});

export type AgentConfig = Readonly<z.infer<typeof AgentConfigSchema>>;

/** One sentence; where it can, with the field and the fix. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  /** Exit status of the command line: wrong usage. */
  readonly status = 2;
}

function sentence(issue: z.core.$ZodIssue): string {
  const path = issue.path.join(".");
  if (issue.code === "unrecognized_keys")
    return `${[...issue.path, issue.keys[0] ?? ""].join(".")}: is no field of an agent's config; remove it or correct its spelling`;
  if (issue.code === "invalid_type" && issue.input === undefined && path === "scope")
    return "scope: is missing; name the networks that may be looked at, for example scope: [192.168.1.0/24]";
  if (issue.code === "custom" || issue.message.startsWith(`${path}:`)) return issue.message;
  return `${path === "" ? "config" : path}: ${issue.message}`;
}

/** @throws ConfigError */
export function parseConfig(value: unknown): AgentConfig {
  const parsed = AgentConfigSchema.safeParse(value, { reportInput: true });
  if (parsed.success) return Object.freeze(parsed.data);
  const [issue] = parsed.error.issues;
  throw new ConfigError(issue === undefined ? "config: cannot be read" : sentence(issue));
}

/** Reads and checks a YAML file. @throws ConfigError */
export function checkConfig(file: string): AgentConfig {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new ConfigError(
      `${file}: cannot be read (${(cause as NodeJS.ErrnoException).code ?? "unknown"}); give the path of an agent config in YAML`,
      { cause },
    );
  }
  try {
    return parseConfig(parse(text));
  } catch (cause) {
    if (cause instanceof YAMLParseError)
      throw new ConfigError(`${file}: line ${cause.linePos?.[0].line ?? "?"} is no YAML; correct it`, { cause });
    if (cause instanceof ConfigError) throw new ConfigError(`${file}: ${cause.message}`, { cause });
    throw cause;
  }
}
