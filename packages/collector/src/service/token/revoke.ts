import { z } from "zod";
import { idField } from "../field.ts";
import { removeDocument } from "../remove.ts";
import type { Verb } from "../verb.ts";

const input = z.strictObject({ id: idField });

export const revokeToken: Verb<z.infer<typeof input>, { readonly id: string }> = {
  name: "token.revoke",
  permission: { role: "admin", at: "tenant" },
  input,
  run: (cx, actor, { id }) => removeDocument(cx, actor, "token", id),
};
