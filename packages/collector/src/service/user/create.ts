import { z } from "zod";
import { newId } from "../../document/id.ts";
import { grant } from "../../document/kinds.ts";
import { sealSecret } from "../../document/seal.ts";
import { nameField, passwordField } from "../field.ts";
import { requireSite } from "../require.ts";
import { ServiceError } from "../service-error.ts";
import { hashPassword } from "../session/password.ts";
import type { Verb } from "../verb.ts";
import { findLogin } from "./find.ts";
import { passwordPlace, sealPerson } from "./person.ts";

const input = z.strictObject({
  login: z.string().regex(/^[A-Za-z0-9._@-]{1,64}$/, 'must be 1 to 64 letters, digits, ".", "_", "@" or "-"'),
  name: nameField,
  password: passwordField,
  grants: z.array(grant).min(1).max(1_000),
  mustChange: z.boolean().default(true),
});

export const createUser: Verb<z.infer<typeof input>, { readonly id: string }> = {
  name: "user.create",
  permission: { role: "admin", at: "tenant" },
  input,
  async run(cx, actor, { login, name, password, grants, mustChange }) {
    for (const { site } of grants) requireSite(cx.log.view, actor.tenant, site);
    const id = newId("user");
    const hash = sealSecret(cx.keys, passwordPlace(actor.tenant, id), await hashPassword(password));
    const person = await sealPerson(cx.keys, actor.tenant, id, { login, name });
    await cx.log.append(actor.tenant, actor.id, (view) => {
      if (findLogin(view, cx.keys, login) !== null) throw new ServiceError("conflict", `login: ${login} is taken`, "login");
      return { kind: "user", id, body: { person, password: hash, grants, disabled: false, mustChange, sessionsFrom: cx.now() } };
    });
    return { id };
  },
};
