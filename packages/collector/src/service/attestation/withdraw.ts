import { z } from "zod";
import { idField } from "../field.ts";
import { removeDocument } from "../remove.ts";
import type { Verb } from "../verb.ts";

const input = z.strictObject({ id: idField });

export const withdrawAttestation: Verb<z.infer<typeof input>, { readonly id: string }> = {
  name: "attestation.withdraw",
  permission: { role: "auditor", at: "any" },
  input,
  run: (cx, actor, { id }) =>
    removeDocument(cx, actor, "attestation", id, { role: "auditor", siteOf: ({ body }) => body.target.site ?? null }),
};
