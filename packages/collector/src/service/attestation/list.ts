import type { Body } from "../../document/kinds.ts";
import { sitesOf } from "../actor.ts";
import { nothing } from "../field.ts";
import type { Verb } from "../verb.ts";

export type AttestationItem = Body<"attestation"> & { readonly id: string; readonly author: string; readonly recordedAt: number };

export const listAttestations: Verb<Record<string, never>, readonly AttestationItem[]> = {
  name: "attestation.list",
  permission: { role: "viewer", at: "any" },
  input: nothing,
  async run(cx, actor) {
    const mine = sitesOf(actor, "viewer");
    return cx.log.view
      .list(actor.tenant, "attestation")
      .filter(({ body }) => mine === null || body.target.site === undefined || mine.includes(body.target.site))
      .map(({ id, author, decidedAt, body }) => ({ ...body, id, author, recordedAt: decidedAt }));
  },
};
