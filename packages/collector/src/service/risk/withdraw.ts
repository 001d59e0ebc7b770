import { z } from "zod";
import { idField } from "../field.ts";
import { removeDocument } from "../remove.ts";
import type { Verb } from "../verb.ts";

const input = z.strictObject({ id: idField });

export const withdrawRisk: Verb<z.infer<typeof input>, { readonly id: string }> = {
  name: "risk.withdraw",
  permission: { role: "operator", at: "any" },
  input,
  run: (cx, actor, { id }) => removeDocument(cx, actor, "accepted-risk", id, { role: "operator", siteOf: ({ body }) => body.site }),
};
