import { sitesOf } from "../actor.ts";
import { nothing } from "../field.ts";
import type { Verb } from "../verb.ts";

export interface EnrolmentItem {
  readonly id: string;
  readonly site: string;
  readonly expiresAt: number;
  readonly usedBy: string | null;
  readonly author: string;
}

/** Tokens that can still be used, and those that were. */
export const listEnrolments: Verb<Record<string, never>, readonly EnrolmentItem[]> = {
  name: "enrolment.list",
  permission: { role: "operator", at: "any" },
  input: nothing,
  async run(cx, actor) {
    const mine = sitesOf(actor, "operator");
    return cx.log.view
      .list(actor.tenant, "enrolment")
      .filter(({ body }) => mine === null || mine.includes(body.site))
      .map(({ id, author, body }) => ({ id, site: body.site, expiresAt: body.expiresAt, usedBy: body.usedBy, author }));
  },
};
