import type { z } from "zod";
import { profile } from "../../document/kinds.ts";
import { idField } from "../field.ts";
import { requireSite } from "../require.ts";
import { ServiceError } from "../service-error.ts";
import type { Verb } from "../verb.ts";

const input = profile.omit({ from: true }).extend({ id: idField });

/** Which services a model or a device is declared to have: what clause 5.2.2.1 is decided by. */
export const putProfile: Verb<z.infer<typeof input>, { readonly id: string }> = {
  name: "profile.put",
  permission: { role: "operator", at: "site" },
  input,
  async run(cx, actor, { id, ...body }) {
    requireSite(cx.log.view, actor.tenant, body.site);
    if (Object.keys(body.match).length === 0) throw new ServiceError("invalid", "match: name a device, a vendor or a model", "match");
    await cx.log.append(actor.tenant, actor.id, (view) => {
      const before = view.get(actor.tenant, "profile", id);
      if (before !== null && before.body.site !== body.site)
        throw new ServiceError("conflict", `id: profile ${id} belongs to another site`, "id");
      return { kind: "profile", id, body: { ...body, from: cx.now() } };
    });
    return { id };
  },
};
