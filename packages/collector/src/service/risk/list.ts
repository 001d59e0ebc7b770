import type { Body } from "../../document/kinds.ts";
import { sitesOf } from "../actor.ts";
import { nothing } from "../field.ts";
import type { Verb } from "../verb.ts";

export type RiskItem = Body<"accepted-risk"> & { readonly id: string; readonly author: string; readonly recordedAt: number };

export const listRisks: Verb<Record<string, never>, readonly RiskItem[]> = {
  name: "risk.list",
  permission: { role: "viewer", at: "any" },
  input: nothing,
  async run(cx, actor) {
    const mine = sitesOf(actor, "viewer");
    return cx.log.view
      .list(actor.tenant, "accepted-risk")
      .filter(({ body }) => mine === null || mine.includes(body.site))
      .map(({ id, author, decidedAt, body }) => ({ ...body, id, author, recordedAt: decidedAt }));
  },
};
