/** What people decided for one site, in the words of derive. */
import type { Decisions } from "../derive/types.ts";
import type { DocumentView } from "./view.ts";

export function decisionsOf(view: DocumentView, tenant: string, site: string): Decisions {
  const here = <T extends { readonly body: { readonly site: string | null } }>(list: readonly T[]) =>
    list.filter(({ body }) => body.site === null || body.site === site);
  return {
    profiles: here(view.versions(tenant, "profile")).map(({ id, body }) => ({
      id,
      match: body.match,
      services: body.services,
      ...(body.wired === undefined ? {} : { wired: body.wired }),
      from: body.from,
    })),
    memberships: here(view.versions(tenant, "membership")).map(({ id, author, body }) => ({
      device: id,
      membership: body.membership,
      author,
      reason: body.reason,
      from: body.from,
    })),
    names: here(view.list(tenant, "name")).map(({ id, body: { site: _, ...said } }) => ({ device: id, ...said })),
    attestations: view
      .list(tenant, "attestation")
      .filter(({ body }) => body.target.site === undefined || body.target.site === site)
      .map(({ id, author, decidedAt, body: { standard: _, ...said } }) => ({ id, ...said, author, recordedAt: decidedAt })),
    overrules: here(view.list(tenant, "overrule")).map(({ author, body: { site: _, ...said } }) => ({ ...said, author })),
  };
}

/** Whether a change of this kind can change what is derived. */
export function changesDecisions(kind: string): boolean {
  return ["profile", "membership", "name", "attestation", "overrule"].includes(kind);
}
