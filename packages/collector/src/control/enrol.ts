/** Enroll: a single-use token and two public keys for an identity. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { EnrollRequest, EnrollResponseSchema } from "@vedette/proto";
import { newId } from "../document/id.ts";
import { openSecret, sameHash, secretHash } from "../document/seal.ts";
import type { Current, DocumentView } from "../document/view.ts";
import { ControlError } from "./control-error.ts";
import { type EnrolmentSecret, readEnrolmentSecret } from "./enrolment-token.ts";
import { identityMessage, issueCertificate } from "./identity.ts";
import { requireFreeKey, withKey } from "./nats-key.ts";
import { printable } from "./printable.ts";
import type { ControlContext } from "./types.ts";

const REFUSED = "token: is not known here, was used or has expired; make a new one with POST /api/v1/enrolments";

/**
 * Everything that can be wrong with the request is checked before the token is used up. Using it is a document with compare-and-set:
 * of two agents with one token exactly one enrols.
 * @throws ControlError
 */
export async function enrol(
  cx: ControlContext,
  request: EnrollRequest,
  address: string,
): Promise<MessageInitShape<typeof EnrollResponseSchema>> {
  if (!cx.rates.enrol.take(address)) throw new ControlError("too-many", "token: too many attempts from this address; wait a minute");
  const secret = readEnrolmentSecret(request.token);
  if (secret === null) throw new ControlError("invalid", "token: is not an enrolment token; copy it whole, it begins with vdt1.");
  const agent = newId("agent");
  const { site } = requireUnused(cx, cx.log.view, secret).body;
  const identity = { tenant: secret.tenant, site, agent };
  requireFreeKey(cx.log.view, request.natsUserKey, agent);
  const issued = await issueCertificate(cx, request.csr, identity);
  await cx.log.append(secret.tenant, agent, (view) => {
    const { body } = requireUnused(cx, view, secret);
    return { kind: "enrolment", id: secret.id, body: { ...body, usedBy: agent } };
  });
  await cx.log.append(secret.tenant, agent, (view) => {
    requireFreeKey(view, request.natsUserKey, agent);
    return {
      kind: "agent",
      id: agent,
      body: {
        site,
        publicKey: issued.publicKey.toString("base64"),
        natsUserKeys: withKey([], request.natsUserKey, cx.now()),
        hostName: printable(request.hostName, 255),
        version: printable(request.agentVersion, 64),
        enrolledAt: cx.now(),
        certificateExpiresAt: issued.expiresAt,
      },
    };
  });
  // Only failures are slowed down: many agents may enrol from behind one address.
  cx.rates.enrol.giveBack(address);
  return { ...identity, identity: await identityMessage(cx, identity, issued, request.natsUserKey) };
}

/** One answer for unknown, used, expired and wrong: a guesser learns nothing. */
function requireUnused(cx: ControlContext, view: DocumentView, secret: EnrolmentSecret): Current<"enrolment"> {
  const enrolment = view.get(secret.tenant, "enrolment", secret.id);
  if (enrolment === null) throw new ControlError("forbidden", REFUSED);
  const hash = openSecret(cx.keys, { tenant: secret.tenant, kind: "enrolment", id: secret.id, field: "hash" }, enrolment.body.hash);
  const right = sameHash(hash, secretHash(secret.secret));
  const { usedBy, expiresAt, site } = enrolment.body;
  if (!right || usedBy !== null || expiresAt <= cx.now() || view.get(secret.tenant, "site", site) === null) {
    throw new ControlError("forbidden", REFUSED);
  }
  return enrolment;
}
