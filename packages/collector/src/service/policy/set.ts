import { z } from "zod";
import { policy } from "../../document/kinds.ts";
import { idField } from "../field.ts";
import { requireSite } from "../require.ts";
import type { Verb } from "../verb.ts";

const input = z.strictObject({ site: idField, policy: policy.omit({ version: true }) });

/** The whole new policy; its version counts itself. Agents hear of it at once and may only narrow what their own config allows. */
export const setPolicy: Verb<z.infer<typeof input>, { readonly version: number }> = {
  name: "policy.set",
  permission: { role: "operator", at: "site" },
  input,
  async run(cx, actor, { site, policy: body }) {
    requireSite(cx.log.view, actor.tenant, site);
    let version = 0;
    await cx.log.append(actor.tenant, actor.id, (view) => {
      version = (view.get(actor.tenant, "policy", site)?.body.version ?? 0) + 1;
      return { kind: "policy", id: site, body: { ...body, version } };
    });
    return { version };
  },
};
