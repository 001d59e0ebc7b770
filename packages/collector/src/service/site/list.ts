import { sitesOf } from "../actor.ts";
import { nothing } from "../field.ts";
import type { Verb } from "../verb.ts";

export interface SiteItem {
  readonly id: string;
  readonly name: string;
  readonly timeZone: string | null;
}

export const listSites: Verb<Record<string, never>, readonly SiteItem[]> = {
  name: "site.list",
  permission: { role: "viewer", at: "any" },
  input: nothing,
  async run(cx, actor) {
    const mine = sitesOf(actor, "viewer");
    return cx.log.view
      .list(actor.tenant, "site")
      .filter(({ id }) => mine === null || mine.includes(id))
      .map(({ id, body }) => ({ id, name: body.name, timeZone: body.timeZone ?? null }));
  },
};
