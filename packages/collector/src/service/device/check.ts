import { z } from "zod";
import { idField } from "../field.ts";
import { requireSite } from "../require.ts";
import { ServiceError } from "../service-error.ts";
import type { Verb } from "../verb.ts";

const look = z.strictObject({
  probe: z.string().regex(/^[a-z0-9]{1,32}\.[a-z0-9-]{1,32}$/, 'must be a probe such as "tls.handshake"'),
  subject: z.strictObject({
    address: z.union([z.ipv4(), z.ipv6()]),
    transport: z.enum(["tcp", "udp", ""]),
    port: z.number().int().min(0).max(65_535),
  }),
});

/** `site` and `looks`: the device's own, as the store has them. */
const input = z.strictObject({ site: idField, looks: z.array(look).min(1).max(200) });

/** "Probe again now": a task for every agent of the site that is here; each still keeps its own scope, tier and budget. */
export const checkDevice: Verb<z.infer<typeof input>, { readonly tasks: readonly string[] }> = {
  name: "device.check",
  permission: { role: "operator", at: "site" },
  input,
  async run(cx, actor, { site, looks }) {
    requireSite(cx.log.view, actor.tenant, site);
    const here = cx.log.view
      .list(actor.tenant, "agent")
      .filter(({ body }) => body.site === site)
      .map(({ id }) => ({ tenant: actor.tenant, site, agent: id }))
      .filter((agent) => cx.presence.get(agent)?.online === true);
    if (here.length === 0) throw new ServiceError("unavailable", `site: no agent of ${site} is online`, "site");
    const tasks = here.flatMap((agent) => looks.map((request) => cx.tasks.push(agent, request)));
    const queued = tasks.filter((task) => task !== null);
    if (queued.length === 0) throw new ServiceError("too-many", "looks: too many wait already; try again in a minute");
    return { tasks: queued };
  },
};
