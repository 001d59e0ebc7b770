import { z } from "zod";
import { idField, nameField } from "../field.ts";
import { ServiceError } from "../service-error.ts";
import { PLATFORM, type Verb } from "../verb.ts";

const input = z.strictObject({ id: idField, name: nameField });

/** A tenant with its NATS account; the resolver hears of it from the document. */
export const createTenant: Verb<z.infer<typeof input>, { readonly id: string }> = {
  name: "tenant.create",
  permission: { role: "admin", at: "platform" },
  input,
  async run(cx, actor, { id, name }) {
    if (id === PLATFORM) throw new ServiceError("invalid", "id: _ is the platform's own", "id");
    await cx.keys.nats.ensureTenant(id);
    await cx.log.append(id, actor.id, (view) => {
      if (view.head(id) !== null) throw new ServiceError("conflict", `id: tenant ${id} exists already`, "id");
      return { kind: "tenant", id, body: { name } };
    });
    return { id };
  },
};
