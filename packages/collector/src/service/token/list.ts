import type { Grant } from "../../document/kinds.ts";
import { nothing } from "../field.ts";
import type { Verb } from "../verb.ts";

export interface TokenItem {
  readonly id: string;
  readonly name: string;
  readonly grants: readonly Grant[];
  readonly expiresAt: number | null;
  readonly author: string;
  readonly createdAt: number;
}

export const listTokens: Verb<Record<string, never>, readonly TokenItem[]> = {
  name: "token.list",
  permission: { role: "admin", at: "tenant" },
  input: nothing,
  async run(cx, actor) {
    return cx.log.view.list(actor.tenant, "token").map(({ id, author, decidedAt, body }) => ({
      id,
      name: body.name,
      grants: body.grants,
      expiresAt: body.expiresAt,
      author,
      createdAt: decidedAt,
    }));
  },
};
