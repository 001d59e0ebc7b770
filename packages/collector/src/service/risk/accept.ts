import type { z } from "zod";
import { newId } from "../../document/id.ts";
import { KIND } from "../../document/kinds.ts";
import { timeField } from "../field.ts";
import { requireSite } from "../require.ts";
import { ServiceError } from "../service-error.ts";
import type { Verb } from "../verb.ts";

const input = KIND["accepted-risk"].extend({ expires: timeField });

/** Mutes alerts about a clause for a time; verdicts stay as they are. */
export const acceptRisk: Verb<z.infer<typeof input>, { readonly id: string }> = {
  name: "risk.accept",
  permission: { role: "operator", at: "site" },
  input,
  async run(cx, actor, body) {
    requireSite(cx.log.view, actor.tenant, body.site);
    if (body.expires <= cx.now()) throw new ServiceError("invalid", "expires: must be in the future", "expires");
    const id = newId("risk");
    await cx.log.append(actor.tenant, actor.id, () => ({ kind: "accepted-risk", id, body }));
    return { id };
  },
};
