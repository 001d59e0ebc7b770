/** Every verb there is; a test proves the list whole and each of them guarded. */
import { listAgents } from "./agent/list.ts";
import { revokeAgent } from "./agent/revoke.ts";
import { createAttestation } from "./attestation/create.ts";
import { listAttestations } from "./attestation/list.ts";
import { withdrawAttestation } from "./attestation/withdraw.ts";
import { checkDevice } from "./device/check.ts";
import { createEnrolment } from "./enrolment/create.ts";
import { listEnrolments } from "./enrolment/list.ts";
import { setMembership } from "./membership/set.ts";
import { setName } from "./name/set.ts";
import { createOverrule } from "./overrule/create.ts";
import { listOverrules } from "./overrule/list.ts";
import { removeOverrule } from "./overrule/remove.ts";
import { getPolicy } from "./policy/get.ts";
import { setPolicy } from "./policy/set.ts";
import { listProfiles } from "./profile/list.ts";
import { putProfile } from "./profile/put.ts";
import { removeProfile } from "./profile/remove.ts";
import { acceptRisk } from "./risk/accept.ts";
import { listRisks } from "./risk/list.ts";
import { withdrawRisk } from "./risk/withdraw.ts";
import { createSite } from "./site/create.ts";
import { listSites } from "./site/list.ts";
import { createTenant } from "./tenant/create.ts";
import { listTenants } from "./tenant/list.ts";
import { createToken } from "./token/create.ts";
import { listTokens } from "./token/list.ts";
import { revokeToken } from "./token/revoke.ts";
import { createUser } from "./user/create.ts";
import { eraseUser } from "./user/erase.ts";
import { listUsers } from "./user/list.ts";
import { setPassword } from "./user/set-password.ts";
import { updateUser } from "./user/update.ts";

export const VERBS = {
  listAgents,
  revokeAgent,
  createAttestation,
  listAttestations,
  withdrawAttestation,
  checkDevice,
  createEnrolment,
  listEnrolments,
  setMembership,
  setName,
  createOverrule,
  listOverrules,
  removeOverrule,
  getPolicy,
  setPolicy,
  listProfiles,
  putProfile,
  removeProfile,
  acceptRisk,
  listRisks,
  withdrawRisk,
  createSite,
  listSites,
  createTenant,
  listTenants,
  createToken,
  listTokens,
  revokeToken,
  createUser,
  eraseUser,
  listUsers,
  setPassword,
  updateUser,
} as const;
