import { z } from "zod";
import { idField } from "../field.ts";
import { requireSite } from "../require.ts";
import type { Verb } from "../verb.ts";

const line = (max: number) => z.string().trim().min(1).max(max).nullable().exactOptional();

/** `site`: the device's own, as the store has it. null takes a field away, an absent one stays. */
const input = z.strictObject({
  site: idField,
  device: idField,
  name: line(120),
  location: line(200),
  owner: line(120),
  tags: z.array(z.string().trim().min(1).max(60)).max(50).exactOptional(),
});

/** What people call a device, where it hangs and who looks after it. */
export const setName: Verb<z.infer<typeof input>, { readonly device: string }> = {
  name: "name.set",
  permission: { role: "operator", at: "site" },
  input,
  async run(cx, actor, { device, site, ...said }) {
    requireSite(cx.log.view, actor.tenant, site);
    await cx.log.append(actor.tenant, actor.id, (view) => {
      const before = view.get(actor.tenant, "name", device)?.body ?? { site };
      const kept = Object.entries({ ...before, ...said, site }).filter(([, value]) => value !== null);
      return { kind: "name", id: device, body: Object.fromEntries(kept) };
    });
    return { device };
  },
};
