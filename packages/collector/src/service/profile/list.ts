import type { Body } from "../../document/kinds.ts";
import { sitesOf } from "../actor.ts";
import { nothing } from "../field.ts";
import type { Verb } from "../verb.ts";

export type ProfileItem = Body<"profile"> & { readonly id: string; readonly author: string };

export const listProfiles: Verb<Record<string, never>, readonly ProfileItem[]> = {
  name: "profile.list",
  permission: { role: "viewer", at: "any" },
  input: nothing,
  async run(cx, actor) {
    const mine = sitesOf(actor, "viewer");
    return cx.log.view
      .list(actor.tenant, "profile")
      .filter(({ body }) => mine === null || body.site === null || mine.includes(body.site))
      .map(({ id, author, body }) => ({ ...body, id, author }));
  },
};
