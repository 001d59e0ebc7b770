import type { z } from "zod";
import { newId } from "../../document/id.ts";
import { attestation } from "../../document/kinds.ts";
import { idField, timeField } from "../field.ts";
import { requireSite } from "../require.ts";
import { ServiceError } from "../service-error.ts";
import type { Verb } from "../verb.ts";

/** `site` null: for the whole tenant, by vendor and model. */
const input = attestation
  .omit({ validFrom: true, expires: true })
  .extend({ site: idField.nullable(), validFrom: timeField, expires: timeField });

/** A person vouches for clauses that the network cannot show; it ends by itself. */
export const createAttestation: Verb<z.infer<typeof input>, { readonly id: string }> = {
  name: "attestation.create",
  permission: { role: "auditor", at: "site" },
  input,
  async run(cx, actor, { site, ...body }) {
    requireSite(cx.log.view, actor.tenant, site);
    if (Object.keys(body.target).length === 0)
      throw new ServiceError("invalid", "target: name a device, a site, a vendor or a model", "target");
    if ((body.target.site ?? null) !== site)
      throw new ServiceError("invalid", "target.site: must be the site of the request", "target.site");
    if (body.expires <= body.validFrom) throw new ServiceError("invalid", "expires: must be later than validFrom", "expires");
    const id = newId("attestation");
    await cx.log.append(actor.tenant, actor.id, () => ({ kind: "attestation", id, body }));
    return { id };
  },
};
