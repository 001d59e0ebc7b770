import type { Grant } from "../../document/kinds.ts";
import { nothing } from "../field.ts";
import type { Verb } from "../verb.ts";
import { openPerson } from "./person.ts";

export interface UserItem {
  readonly id: string;
  /** null: erased. */
  readonly login: string | null;
  readonly name: string | null;
  readonly grants: readonly Grant[];
  readonly disabled: boolean;
  readonly mustChange: boolean;
}

export const listUsers: Verb<Record<string, never>, readonly UserItem[]> = {
  name: "user.list",
  permission: { role: "admin", at: "tenant" },
  input: nothing,
  async run(cx, actor) {
    return cx.log.view.list(actor.tenant, "user").map((user) => {
      const person = openPerson(cx.keys, user);
      const { grants, disabled, mustChange } = user.body;
      return { id: user.id, login: person?.login ?? null, name: person?.name ?? null, grants, disabled, mustChange };
    });
  },
};
