import { z } from "zod";
import { MEMBERSHIPS } from "../../document/kinds.ts";
import { idField, reasonField } from "../field.ts";
import { requireSite } from "../require.ts";
import type { Verb } from "../verb.ts";

/** `site`: the device's own, as the store has it. */
const input = z.strictObject({ site: idField, device: idField, membership: z.enum(MEMBERSHIPS), reason: reasonField });

/** Whether a device counts for the site, against what the rule says. */
export const setMembership: Verb<z.infer<typeof input>, { readonly device: string }> = {
  name: "membership.set",
  permission: { role: "operator", at: "site" },
  input,
  async run(cx, actor, { device, ...body }) {
    requireSite(cx.log.view, actor.tenant, body.site);
    await cx.log.append(actor.tenant, actor.id, () => ({ kind: "membership", id: device, body: { ...body, from: cx.now() } }));
    return { device };
  },
};
