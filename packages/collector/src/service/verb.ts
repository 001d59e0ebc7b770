/** What a person or a program may do, one verb per file: who may, what it takes, what it does. */
import type { z } from "zod";
import type { Presence } from "../control/presence.ts";
import type { TaskQueues } from "../control/task.ts";
import type { Role } from "../document/kinds.ts";
import { ContentionError, type DocumentLog, LogUnavailableError } from "../document/log.ts";
import type { Keys } from "../keys/load.ts";
import { type Actor, allows, sitesOf } from "./actor.ts";
import { ServiceError } from "./service-error.ts";

export interface ServiceContext {
  readonly keys: Keys;
  readonly log: DocumentLog;
  /** ms since 1970 */
  readonly now: () => number;
  /** "host:port" of the control server, as agents reach it. */
  readonly grpc: string;
  readonly tasks: TaskQueues;
  readonly presence: Presence;
}

/**
 * Where the role must be held. "tenant": over the whole tenant. "site": at the site in the input (null: over the whole tenant).
 * "any": at one site at least; the verb answers only for those. "self": of no role, since it concerns only who asks.
 * "platform": by the program itself or an administrator of the platform.
 */
export type Reach = "tenant" | "site" | "any" | "self" | "platform";

export interface Permission {
  readonly role: Role;
  readonly at: Reach;
}

export interface Verb<Input, Output> {
  /** "enrolment.create" */
  readonly name: string;
  readonly permission: Permission;
  readonly input: z.ZodType<Input>;
  /** Input is parsed and the permission holds. @throws ServiceError */
  run(cx: ServiceContext, actor: Actor, input: Input): Promise<Output>;
}

export const PLATFORM = "_";

/**
 * The only way to run a verb.
 * @throws ServiceError "invalid" with the field, "forbidden", "unavailable" where others were faster every time, and what the verb throws
 */
export async function perform<Input, Output>(verb: Verb<Input, Output>, cx: ServiceContext, actor: Actor, raw: unknown): Promise<Output> {
  const parsed = verb.input.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = issue?.path.join(".") ?? "";
    throw new ServiceError(
      "invalid",
      `${field === "" ? "request" : field}: ${issue?.message ?? "is not valid"}`,
      field === "" ? null : field,
    );
  }
  if (!permitted(verb.permission, actor, parsed.data))
    throw new ServiceError("forbidden", `${verb.name}: needs the role ${verb.permission.role}`);
  try {
    return await verb.run(cx, actor, parsed.data);
  } catch (error) {
    if (error instanceof ContentionError) throw new ServiceError("unavailable", `${verb.name}: others were faster; try again`);
    if (error instanceof LogUnavailableError) {
      const open = error.published ? "it may still take effect; look before you try again" : "nothing was changed; try again";
      throw new ServiceError("unavailable", `${verb.name}: broker or store does not answer; ${open}`, null, error);
    }
    throw error;
  }
}

function permitted({ role, at }: Permission, actor: Actor, input: unknown): boolean {
  if (at === "self") return true;
  if (at === "platform") return actor.kind === "system" || (actor.tenant === PLATFORM && allows(actor, role, null));
  if (at === "any") return sitesOf(actor, role)?.length !== 0;
  if (at === "tenant") return allows(actor, role, null);
  return allows(actor, role, siteIn(input));
}

function siteIn(input: unknown): string | null {
  return typeof input === "object" && input !== null && "site" in input && typeof input.site === "string" ? input.site : null;
}
