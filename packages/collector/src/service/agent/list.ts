import type { AgentReport } from "../../control/presence.ts";
import { sitesOf } from "../actor.ts";
import { nothing } from "../field.ts";
import type { Verb } from "../verb.ts";

export interface AgentItem {
  readonly id: string;
  readonly site: string;
  readonly hostName: string;
  readonly version: string;
  readonly enrolledAt: number;
  readonly state: "online" | "offline" | "revoked";
  /** null: not heard since this collector started. */
  readonly lastHeardAt: number | null;
  readonly report: AgentReport | null;
}

export const listAgents: Verb<Record<string, never>, readonly AgentItem[]> = {
  name: "agent.list",
  permission: { role: "viewer", at: "any" },
  input: nothing,
  async run(cx, actor) {
    const mine = sitesOf(actor, "viewer");
    const { view } = cx.log;
    return view
      .list(actor.tenant, "agent")
      .filter(({ body }) => mine === null || mine.includes(body.site))
      .map(({ id, body }) => {
        const heard = cx.presence.get({ tenant: actor.tenant, site: body.site, agent: id });
        const revoked = view.get(actor.tenant, "revocation", id) !== null;
        return {
          id,
          site: body.site,
          hostName: body.hostName,
          version: heard?.report?.agentVersion ?? body.version,
          enrolledAt: body.enrolledAt,
          state: revoked ? "revoked" : heard?.online ? "online" : "offline",
          lastHeardAt: heard?.lastHeardAt ?? null,
          report: heard?.report ?? null,
        };
      });
  },
};
