import { z } from "zod";
import { defaultPolicy } from "../../control/policy.ts";
import { idField, nameField } from "../field.ts";
import { ServiceError } from "../service-error.ts";
import type { Verb } from "../verb.ts";

const input = z.strictObject({ id: idField, name: nameField, timeZone: z.string().max(64).exactOptional() });

/** A site, with the default policy: an agent that enrols at once has one to follow. */
export const createSite: Verb<z.infer<typeof input>, { readonly id: string }> = {
  name: "site.create",
  permission: { role: "admin", at: "tenant" },
  input,
  async run(cx, actor, { id, ...body }) {
    await cx.log.append(actor.tenant, actor.id, (view) => {
      if (view.get(actor.tenant, "site", id) !== null) throw new ServiceError("conflict", `id: site ${id} exists already`, "id");
      return { kind: "site", id, body };
    });
    await cx.log.append(actor.tenant, actor.id, (view) =>
      view.get(actor.tenant, "policy", id) === null ? { kind: "policy", id, body: defaultPolicy() } : null,
    );
    return { id };
  },
};
