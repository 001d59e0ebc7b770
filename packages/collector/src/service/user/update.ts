import { z } from "zod";
import { grant } from "../../document/kinds.ts";
import { idField } from "../field.ts";
import { requireDocument, requireSite } from "../require.ts";
import { ServiceError } from "../service-error.ts";
import type { Verb } from "../verb.ts";

const input = z.strictObject({ id: idField, grants: z.array(grant).max(1_000).exactOptional(), disabled: z.boolean().exactOptional() });

/** Changes roles or disables; open sessions end, so that nothing outlives the change. */
export const updateUser: Verb<z.infer<typeof input>, { readonly id: string }> = {
  name: "user.update",
  permission: { role: "admin", at: "tenant" },
  input,
  async run(cx, actor, { id, ...changes }) {
    for (const { site } of changes.grants ?? []) requireSite(cx.log.view, actor.tenant, site);
    if (id === actor.id) throw new ServiceError("conflict", "id: another administrator must change your own roles", "id");
    await cx.log.append(actor.tenant, actor.id, (view) => {
      const { body } = requireDocument(view, actor.tenant, "user", id);
      return { kind: "user", id, body: { ...body, ...changes, sessionsFrom: cx.now() } };
    });
    return { id };
  },
};
