/** The personal side of a user: sealed by the person's own key, gone with it. */
import { z } from "zod";
import { openPersonal, sealPersonal } from "../../document/seal.ts";
import type { Current } from "../../document/view.ts";
import type { Keys } from "../../keys/load.ts";

const person = z.object({ login: z.string(), name: z.string() });
export type Person = z.infer<typeof person>;

function place(tenant: string, id: string) {
  return { tenant, kind: "user", id, field: "person" };
}

export async function sealPerson(keys: Pick<Keys, "persons">, tenant: string, id: string, of: Person): Promise<string> {
  return await sealPersonal(keys, place(tenant, id), id, JSON.stringify(of));
}

/** null: erased. */
export function openPerson(keys: Pick<Keys, "persons">, user: Current<"user">): Person | null {
  const text = openPersonal(keys, place(user.tenant, user.id), user.id, user.body.person);
  return text === null ? null : person.parse(JSON.parse(text));
}

/** Where the sealed argon2id hash of a user stands. */
export function passwordPlace(tenant: string, id: string) {
  return { tenant, kind: "user", id, field: "password" };
}
