/** The text a person carries to an agent: where we are, whom to trust, and a secret that works once. */
import type { EnrolmentToken } from "@vedette/proto";
import { newSecret } from "../document/id.ts";

export interface EnrolmentSecret {
  readonly tenant: string;
  readonly id: string;
  readonly secret: string;
}

const PREFIX = "vdt1.";
const SECRET = /^([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{43})$/;

export function newEnrolmentSecret(tenant: string, id: string): EnrolmentSecret {
  return { tenant, id, secret: newSecret() };
}

export function enrolmentTokenText(secret: EnrolmentSecret, grpc: string, ca: Uint8Array): string {
  const token: EnrolmentToken = {
    grpc,
    ca: Buffer.from(ca).toString("base64"),
    secret: Buffer.from(`${secret.tenant}.${secret.id}.${secret.secret}`, "utf8").toString("base64url"),
  };
  return PREFIX + Buffer.from(JSON.stringify(token), "utf8").toString("base64url");
}

/** From the token's secret, or from the whole text; null for anything else. */
export function readEnrolmentSecret(text: string): EnrolmentSecret | null {
  if (text.length > 8_192) return null;
  const encoded = text.startsWith(PREFIX) ? secretIn(text.slice(PREFIX.length)) : text;
  const [, tenant, id, secret] = SECRET.exec(Buffer.from(encoded, "base64url").toString("utf8")) ?? [];
  return tenant !== undefined && id !== undefined && secret !== undefined ? { tenant, id, secret } : null;
}

function secretIn(encoded: string): string {
  try {
    const token: unknown = JSON.parse(Buffer.from(encoded, "base64url").toString("utf8"));
    return typeof token === "object" && token !== null && "secret" in token && typeof token.secret === "string" ? token.secret : "";
  } catch {
    return "";
  }
}
