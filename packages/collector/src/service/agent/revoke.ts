import { z } from "zod";
import { allows } from "../actor.ts";
import { idField, reasonField } from "../field.ts";
import { requireDocument } from "../require.ts";
import { ServiceError } from "../service-error.ts";
import type { Verb } from "../verb.ts";

const input = z.strictObject({ id: idField, reason: reasonField });

/** Cuts an agent off for good: its certificate, its NATS tokens and its streams, within seconds and across restarts. */
export const revokeAgent: Verb<z.infer<typeof input>, { readonly id: string }> = {
  name: "agent.revoke",
  permission: { role: "operator", at: "any" },
  input,
  async run(cx, actor, { id, reason }) {
    await cx.log.append(actor.tenant, actor.id, (view) => {
      const { body } = requireDocument(view, actor.tenant, "agent", id);
      if (!allows(actor, "operator", body.site)) throw new ServiceError("not-found", `agent ${id}: is not known here`);
      if (view.get(actor.tenant, "revocation", id) !== null) return null;
      const natsUserKeys = body.natsUserKeys.map(({ key }) => key);
      return { kind: "revocation", id, body: { site: body.site, natsUserKeys, revokedAt: cx.now(), reason } };
    });
    return { id };
  },
};
