/** One key per person: it opens their personal fields, and erasing the person removes it. The documents stay whole. */
import { randomBytes } from "node:crypto";
import { keyPath, listKeyFiles, readKeyFile, removeKeyFile, writeKeyFile } from "./folder.ts";
import { KeyError } from "./key-error.ts";
import { openBytes, SEAL_KEY_BYTES, SealError, sealBytes } from "./sealing.ts";

const PERSON = /^[A-Za-z0-9_-]{1,64}$/;
const PREFIX = "p1.";

export class PersonKeys {
  readonly #folder: string;
  readonly #keys: Map<string, Buffer>;

  private constructor(folder: string, keys: Map<string, Buffer>) {
    this.#folder = folder;
    this.#keys = keys;
  }

  static async load(folder: string): Promise<PersonKeys> {
    const keys = new Map<string, Buffer>();
    for (const name of await listKeyFiles(folder)) {
      const key = await readKeyFile(keyPath(folder, name));
      if (key === null) continue;
      if (key.length !== SEAL_KEY_BYTES || !name.endsWith(".key")) {
        throw new KeyError(
          "unreadable",
          keyPath(folder, name),
          `keys: ${keyPath(folder, name)} is not a key of ours; restore it from the backup`,
        );
      }
      keys.set(name.slice(0, -".key".length), key);
    }
    return new PersonKeys(folder, keys);
  }

  /** Makes the person's key where there is none; durable before it returns. */
  async ensure(person: string): Promise<void> {
    if (this.#keys.has(person)) return;
    const key = randomBytes(SEAL_KEY_BYTES);
    await writeKeyFile(this.#path(person), key);
    this.#keys.set(person, key);
  }

  /** @throws SealError where the person has no key: call ensure first. */
  seal(person: string, plain: string, context: string): string {
    const key = this.#keys.get(person);
    if (key === undefined) throw new SealError("no-such-key");
    return PREFIX + sealBytes(key, Buffer.from(plain, "utf8"), context).toString("base64url");
  }

  /** null: the person was erased. @throws SealError */
  open(person: string, sealed: string, context: string): string | null {
    const key = this.#keys.get(person);
    if (key === undefined) return null;
    if (!sealed.startsWith(PREFIX)) throw new SealError("malformed");
    return openBytes(key, Buffer.from(sealed.slice(PREFIX.length), "base64url"), context).toString("utf8");
  }

  async erase(person: string): Promise<void> {
    await removeKeyFile(this.#path(person));
    this.#keys.delete(person);
  }

  #path(person: string): string {
    if (!PERSON.test(person)) throw new RangeError("person must be an id of ours");
    return keyPath(this.#folder, `${person}.key`);
  }
}
