import type { Kind, Role } from "../document/kinds.ts";
import type { Current } from "../document/view.ts";
import { type Actor, allows } from "./actor.ts";
import { requireDocument } from "./require.ts";
import { ServiceError } from "./service-error.ts";
import type { ServiceContext } from "./verb.ts";

/** Ends a document. With `role` it must be held at the site that the document itself names. */
export async function removeDocument<K extends Kind>(
  cx: ServiceContext,
  actor: Actor,
  kind: K,
  id: string,
  at?: { readonly role: Role; readonly siteOf: (document: Current<K>) => string | null },
): Promise<{ readonly id: string }> {
  await cx.log.append(actor.tenant, actor.id, (view) => {
    const found = requireDocument(view, actor.tenant, kind, id);
    // As if it were not there: who may not see the site learns nothing of it.
    if (at !== undefined && !allows(actor, at.role, at.siteOf(found)))
      throw new ServiceError("not-found", `${kind} ${id}: is not known here`);
    return { kind, id, body: null };
  });
  return { id };
}
