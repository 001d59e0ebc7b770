/** argon2id (RFC 9106) in PHC text form; parameters as OWASP recommends (19 MiB, 2 passes, 1 lane). */
import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

const derive = promisify(argon2) as (algorithm: "argon2id", parameters: Argon2Parameters) => Promise<Buffer>;
const MEMORY_KIB = 19_456;
const PASSES = 2;
const LANES = 1;
const SALT_BYTES = 16;
const TAG_BYTES = 32;
const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{1,100})\$([A-Za-z0-9+/]{1,200})$/;

export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(SALT_BYTES);
  const tag = await derive("argon2id", {
    message: plain(password),
    nonce,
    parallelism: LANES,
    tagLength: TAG_BYTES,
    memory: MEMORY_KIB,
    passes: PASSES,
  });
  return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${unpadded(nonce)}$${unpadded(tag)}`;
}

/** False also for a hash that is not of ours. */
export async function verifyPassword(hash: string, password: string): Promise<boolean> {
  const [, memory, passes, lanes, salt, tag] = PHC.exec(hash) ?? [];
  if (memory === undefined || passes === undefined || lanes === undefined || salt === undefined || tag === undefined) return false;
  const wanted = Buffer.from(tag, "base64");
  const got = await derive("argon2id", {
    message: plain(password),
    nonce: Buffer.from(salt, "base64"),
    parallelism: Number(lanes),
    tagLength: wanted.length,
    memory: Number(memory),
    passes: Number(passes),
  });
  return timingSafeEqual(got, wanted);
}

/** The same characters typed on another keyboard are the same password (NIST SP 800-63B-4, 3.1.1.2). */
function plain(password: string): Buffer {
  return Buffer.from(password.normalize("NFKC"), "utf8");
}

function unpadded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replace(/=+$/, "");
}
