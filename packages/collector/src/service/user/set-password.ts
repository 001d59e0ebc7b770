import { z } from "zod";
import { openSecret, sealSecret } from "../../document/seal.ts";
import { removeFirstLogin } from "../../keys/first-login.ts";
import { passwordField } from "../field.ts";
import { requireDocument } from "../require.ts";
import { ServiceError } from "../service-error.ts";
import { hashPassword, verifyPassword } from "../session/password.ts";
import type { Verb } from "../verb.ts";
import { openPerson, passwordPlace } from "./person.ts";

const input = z.strictObject({ current: z.string().max(256), password: passwordField });

/** One's own password; every session of the user ends, and the file with the first password goes. */
export const setPassword: Verb<z.infer<typeof input>, { readonly id: string }> = {
  name: "user.set-password",
  permission: { role: "viewer", at: "self" },
  input,
  async run(cx, actor, { current, password }) {
    if (actor.kind !== "user") throw new ServiceError("forbidden", "user.set-password: sign in with a password first");
    const user = requireDocument(cx.log.view, actor.tenant, "user", actor.id);
    const place = passwordPlace(actor.tenant, actor.id);
    if (!(await verifyPassword(openSecret(cx.keys, place, user.body.password), current))) {
      throw new ServiceError("forbidden", "current: is not your password", "current");
    }
    if (password === current) throw new ServiceError("invalid", "password: must differ from the current one", "password");
    const sealed = sealSecret(cx.keys, place, await hashPassword(password));
    await cx.log.append(actor.tenant, actor.id, (view) => {
      const { body } = requireDocument(view, actor.tenant, "user", actor.id);
      return { kind: "user", id: actor.id, body: { ...body, password: sealed, mustChange: false, sessionsFrom: cx.now() } };
    });
    if (openPerson(cx.keys, user)?.login === "admin") await removeFirstLogin(cx.keys.folder);
    return { id: actor.id };
  },
};
