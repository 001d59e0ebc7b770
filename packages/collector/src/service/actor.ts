/** Who acts, and what roles allow. */
import { type Grant, ROLES, type Role } from "../document/kinds.ts";

export interface Actor {
  /** Id of a user or a token, or "system": the author of documents. */
  readonly id: string;
  readonly kind: "user" | "token" | "system";
  /** Everything happens inside it; it is never taken from a request. */
  readonly tenant: string;
  readonly grants: readonly Grant[];
}

/** The program itself, at the first start and on the command line. */
export function systemActor(tenant: string): Actor {
  return { id: "system", kind: "system", tenant, grants: [{ site: null, role: "admin" }] };
}

/** Each role may do what the ones before it may. */
export function allows(actor: Actor, role: Role, site: string | null): boolean {
  const needed = ROLES.indexOf(role);
  return actor.grants.some((grant) => (grant.site === null || grant.site === site) && ROLES.indexOf(grant.role) >= needed);
}

/** The sites that an actor may see in a role: null for every site of the tenant. */
export function sitesOf(actor: Actor, role: Role): readonly string[] | null {
  const needed = ROLES.indexOf(role);
  const grants = actor.grants.filter((grant) => ROLES.indexOf(grant.role) >= needed);
  if (grants.some((grant) => grant.site === null)) return null;
  return [...new Set(grants.flatMap((grant) => (grant.site === null ? [] : [grant.site])))].sort();
}
