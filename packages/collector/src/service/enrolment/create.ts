import { z } from "zod";
import { enrolmentTokenText, newEnrolmentSecret } from "../../control/enrolment-token.ts";
import { newId } from "../../document/id.ts";
import { sealSecret, secretHash } from "../../document/seal.ts";
import { idField } from "../field.ts";
import { requireSite } from "../require.ts";
import type { Verb } from "../verb.ts";

export const ENROLMENT_MS = 15 * 60_000;

const input = z.strictObject({ site: idField });

export interface NewEnrolment {
  readonly id: string;
  /** "vdt1.…", shown this once: `vedette agent enroll TOKEN`. */
  readonly token: string;
  /** ms since 1970 */
  readonly expiresAt: number;
}

/** A token that enrols one agent at one site within a quarter of an hour. */
export const createEnrolment: Verb<z.infer<typeof input>, NewEnrolment> = {
  name: "enrolment.create",
  permission: { role: "operator", at: "site" },
  input,
  async run(cx, actor, { site }) {
    requireSite(cx.log.view, actor.tenant, site);
    const id = newId("enrolment");
    const secret = newEnrolmentSecret(actor.tenant, id);
    const expiresAt = cx.now() + ENROLMENT_MS;
    const hash = sealSecret(cx.keys, { tenant: actor.tenant, kind: "enrolment", id, field: "hash" }, secretHash(secret.secret));
    await cx.log.append(actor.tenant, actor.id, () => ({ kind: "enrolment", id, body: { site, hash, expiresAt, usedBy: null } }));
    return { id, token: enrolmentTokenText(secret, cx.grpc, cx.keys.authority.certificate), expiresAt };
  },
};
