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
  const [, tenant, id, secret] = SECRET.exec(decoded(encoded)) ?? [];
  return tenant !== undefined && id !== undefined && secret !== undefined ? { tenant, id, secret } : null;
}

/** "" for what is not exactly base64url: a decoder that overlooks a stray character would take a token that was changed. */
function decoded(encoded: string): string {
  const bytes = Buffer.from(encoded, "base64url");
  return bytes.toString("base64url") === encoded ? bytes.toString("utf8") : "";
}

function secretIn(encoded: string): string {
  try {
    const token: unknown = JSON.parse(decoded(encoded));
    return typeof token === "object" && token !== null && "secret" in token && typeof token.secret === "string" ? token.secret : "";
  } catch {
    return "";
  }
}
