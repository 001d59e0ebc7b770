import type { Current, DocumentView } from "../../document/view.ts";
import type { Keys } from "../../keys/load.ts";
import { openPerson } from "./person.ts";

/** Logins are one name space over all tenants, without regard to case; null where nobody has it. */
export function findLogin(view: DocumentView, keys: Pick<Keys, "persons">, login: string): Current<"user"> | null {
  const wanted = login.toLowerCase();
  for (const tenant of view.tenants()) {
    for (const user of view.list(tenant, "user")) if (openPerson(keys, user)?.login.toLowerCase() === wanted) return user;
  }
  return null;
}
