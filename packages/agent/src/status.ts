/** What a running agent writes about itself, for `vedette agent status`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { loadIdentity } from "./identity.ts";
import { isNoRoom, replaceFile } from "./replace-file.ts";

const FILE = "status.json";
/** An agent that wrote nothing for this long does not run. */
const FRESH_MS = 60_000;

const RunningSchema = z.object({
  pid: z.int(),
  version: z.string(),
  startedMs: z.number(),
  writtenMs: z.number(),
  connected: z.boolean(),
  policyVersion: z.int(),
  epoch: z.string(),
  outbox: z.object({ depth: z.int(), bytes: z.number(), oldestMs: z.number().optional(), refused: z.int(), dropped: z.int().default(0) }),
  hosts: z.int(),
  endpoints: z.int(),
  due: z.int(),
  offsetMs: z.number().optional(),
});

export type RunningStatus = z.infer<typeof RunningSchema>;

export interface AgentStatus {
  readonly data: string;
  /** Null where the folder holds no identity. */
  readonly enrolled: {
    readonly tenant: string;
    readonly site: string;
    readonly agent: string;
    readonly centre: string;
    readonly expires: string;
  } | null;
  readonly running: boolean;
  /** As last written; null where the agent never ran. */
  readonly last: RunningStatus | null;
}

/** On a full disk the last one stays. */
export function writeStatus(data: string, status: RunningStatus): void {
  try {
    replaceFile(join(data, FILE), JSON.stringify(status));
  } catch (error) {
    if (!isNoRoom(error)) throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function readStatus(data: string): RunningStatus | null {
  try {
    return RunningSchema.parse(JSON.parse(readFileSync(join(data, FILE), "utf8")));
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** @throws IdentityError where the identity is damaged */
export function agentStatus(data: string, nowMs = Date.now()): AgentStatus {
  const identity = loadIdentity(data);
  const last = readStatus(data);
  return {
    data,
    enrolled:
      identity === undefined
        ? null
        : {
            tenant: identity.tenant,
            site: identity.site,
            agent: identity.agent,
            centre: identity.grpc,
            expires: new Date(identity.expiresMs).toISOString(),
          },
    running: last !== null && nowMs - last.writtenMs < FRESH_MS && isAlive(last.pid),
    last,
  };
}
