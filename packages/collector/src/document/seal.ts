/** Secret and personal fields of documents, bound to their place: copied into another document they do not open. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Keys } from "../keys/load.ts";

export interface FieldPlace {
  readonly tenant: string;
  readonly kind: string;
  readonly id: string;
  readonly field: string;
}

function context(place: FieldPlace): string {
  return `${place.tenant}/${place.kind}/${place.id}/${place.field}`;
}

export function sealSecret(keys: Pick<Keys, "sealing">, place: FieldPlace, plain: string): string {
  return keys.sealing.seal(plain, context(place));
}

/** @throws SealError */
export function openSecret(keys: Pick<Keys, "sealing">, place: FieldPlace, sealed: string): string {
  return keys.sealing.open(sealed, context(place));
}

/** The person's key is made where there is none. */
export async function sealPersonal(keys: Pick<Keys, "persons">, place: FieldPlace, person: string, plain: string): Promise<string> {
  await keys.persons.ensure(person);
  return keys.persons.seal(person, plain, context(place));
}

/** null: the person was erased. @throws SealError */
export function openPersonal(keys: Pick<Keys, "persons">, place: FieldPlace, person: string, sealed: string): string | null {
  return keys.persons.open(person, sealed, context(place));
}

/** Of a random secret; a password goes through argon2id instead. Hex. */
export function secretHash(secret: string): string {
  return createHash("sha256").update(secret, "utf8").digest("hex");
}

/** In constant time. */
export function sameHash(a: string, b: string): boolean {
  const left = Buffer.from(a, "utf8");
  const right = Buffer.from(b, "utf8");
  return left.length === right.length && timingSafeEqual(left, right);
}
