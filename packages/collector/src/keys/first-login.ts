/** The first password of the administrator: printed once, kept in the key folder until it is changed. */
import { keyPath, readKeyFile, removeKeyFile, writeKeyFile } from "./folder.ts";

const NAME = "first-login";

export interface FirstLogin {
  readonly user: string;
  readonly password: string;
}

export async function readFirstLogin(keys: string): Promise<FirstLogin | null> {
  const content = await readKeyFile(keyPath(keys, NAME));
  const [user, password] = content?.toString("utf8").split("\n") ?? [];
  return user && password ? { user, password } : null;
}

export async function writeFirstLogin(keys: string, login: FirstLogin): Promise<void> {
  await writeKeyFile(keyPath(keys, NAME), `${login.user}\n${login.password}\n`);
}

export async function removeFirstLogin(keys: string): Promise<void> {
  await removeKeyFile(keyPath(keys, NAME));
}
