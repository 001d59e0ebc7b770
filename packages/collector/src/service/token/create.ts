import { z } from "zod";
import { newId, newSecret } from "../../document/id.ts";
import { grant } from "../../document/kinds.ts";
import { sealSecret, secretHash } from "../../document/seal.ts";
import { nameField, timeField } from "../field.ts";
import { requireSite } from "../require.ts";
import type { Verb } from "../verb.ts";
import { tokenPlace, tokenText } from "./text.ts";

const input = z.strictObject({ name: nameField, grants: z.array(grant).min(1).max(1_000), expiresAt: timeField.nullable().default(null) });

/** An API token; its text is shown this once. */
export const createToken: Verb<z.infer<typeof input>, { readonly id: string; readonly token: string }> = {
  name: "token.create",
  permission: { role: "admin", at: "tenant" },
  input,
  async run(cx, actor, { name, grants, expiresAt }) {
    for (const { site } of grants) requireSite(cx.log.view, actor.tenant, site);
    const id = newId("token");
    const secret = newSecret();
    const hash = sealSecret(cx.keys, tokenPlace(actor.tenant, id), secretHash(secret));
    await cx.log.append(actor.tenant, actor.id, () => ({ kind: "token", id, body: { name, hash, grants, expiresAt } }));
    return { id, token: tokenText({ tenant: actor.tenant, id, secret }) };
  },
};
