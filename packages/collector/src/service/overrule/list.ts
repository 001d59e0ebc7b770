import type { Body } from "../../document/kinds.ts";
import { sitesOf } from "../actor.ts";
import { nothing } from "../field.ts";
import type { Verb } from "../verb.ts";

export type OverruleItem = Body<"overrule"> & { readonly id: string; readonly author: string };

export const listOverrules: Verb<Record<string, never>, readonly OverruleItem[]> = {
  name: "overrule.list",
  permission: { role: "viewer", at: "any" },
  input: nothing,
  async run(cx, actor) {
    const mine = sitesOf(actor, "viewer");
    return cx.log.view
      .list(actor.tenant, "overrule")
      .filter(({ body }) => mine === null || mine.includes(body.site))
      .map(({ id, author, body }) => ({ ...body, id, author }));
  },
};
