import { z } from "zod";
import { idField } from "../field.ts";
import { requireDocument } from "../require.ts";
import { ServiceError } from "../service-error.ts";
import type { Verb } from "../verb.ts";

const input = z.strictObject({ id: idField });

/** Erases a person: the account is disabled, the key of the personal fields removed. What they decided stays, under an id that names nobody. */
export const eraseUser: Verb<z.infer<typeof input>, { readonly id: string }> = {
  name: "user.erase",
  permission: { role: "admin", at: "tenant" },
  input,
  async run(cx, actor, { id }) {
    if (id === actor.id) throw new ServiceError("conflict", "id: another administrator must erase you", "id");
    await cx.log.append(actor.tenant, actor.id, (view) => {
      const { body } = requireDocument(view, actor.tenant, "user", id);
      return { kind: "user", id, body: { ...body, grants: [], disabled: true, sessionsFrom: cx.now() } };
    });
    await cx.keys.persons.erase(id);
    return { id };
  },
};
