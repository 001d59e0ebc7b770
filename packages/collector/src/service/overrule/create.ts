import { z } from "zod";
import { newId } from "../../document/id.ts";
import { idField, reasonField } from "../field.ts";
import { requireSite } from "../require.ts";
import { ServiceError } from "../service-error.ts";
import type { Verb } from "../verb.ts";

const sighting = z.string().trim().min(1).max(200);
const input = z.strictObject({ site: idField, kind: z.enum(["join", "split"]), a: sighting, b: sighting, reason: reasonField });

/** A person knows better which sightings are one device. */
export const createOverrule: Verb<z.infer<typeof input>, { readonly id: string }> = {
  name: "overrule.create",
  permission: { role: "operator", at: "site" },
  input,
  async run(cx, actor, body) {
    requireSite(cx.log.view, actor.tenant, body.site);
    if (body.a === body.b) throw new ServiceError("invalid", "b: must differ from a", "b");
    const id = newId("overrule");
    await cx.log.append(actor.tenant, actor.id, () => ({ kind: "overrule", id, body: { ...body, from: cx.now() } }));
    return { id };
  },
};
