import type { Kind } from "../document/kinds.ts";
import type { Current, DocumentView } from "../document/view.ts";
import { ServiceError } from "./service-error.ts";

/** The document as it stands. @throws ServiceError "not-found" */
export function requireDocument<K extends Kind>(view: DocumentView, tenant: string, kind: K, id: string): Current<K> {
  const found = view.get(tenant, kind, id);
  if (found === null) throw new ServiceError("not-found", `${kind} ${id}: is not known here`);
  return found;
}

/** @throws ServiceError "invalid" for a site that the tenant has not */
export function requireSite(view: DocumentView, tenant: string, site: string | null): void {
  if (site !== null && view.get(tenant, "site", site) === null)
    throw new ServiceError("invalid", `site: ${site} is not known here`, "site");
}
