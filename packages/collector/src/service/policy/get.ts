import { z } from "zod";
import type { PolicyBody } from "../../document/kinds.ts";
import { idField } from "../field.ts";
import { requireDocument } from "../require.ts";
import type { Verb } from "../verb.ts";

const input = z.strictObject({ site: idField });

export const getPolicy: Verb<z.infer<typeof input>, PolicyBody> = {
  name: "policy.get",
  permission: { role: "viewer", at: "site" },
  input,
  run: async (cx, actor, { site }) => requireDocument(cx.log.view, actor.tenant, "policy", site).body,
};
