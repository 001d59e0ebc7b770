/** Ids of documents: random, so that nobody can guess one and replicas need not agree. */
import { randomBytes } from "node:crypto";

export function newId(prefix: string): string {
  return `${prefix}-${randomBytes(8).toString("hex")}`;
}

/** 256 bits, base64url: tokens and secrets. */
export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}
