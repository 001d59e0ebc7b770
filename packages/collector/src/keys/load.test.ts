import { chmod, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decode, type User } from "@nats-io/jwt";
import { createUser } from "@nats-io/nkeys";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KeyError } from "./key-error.ts";
import { loadOrMakeKeys } from "./load.ts";
import { isUserKey } from "./nats.ts";

let folder: string;
const NOW = Date.UTC(2026, 0, 2);
const load = (mayMake = true) => loadOrMakeKeys(join(folder, "keys"), { mayMake, now: NOW });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vedette-keys-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function errorOf(act: Promise<unknown>): Promise<KeyError> {
  const error = await act.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(KeyError);
  return error as KeyError;
}

describe("the key folder", () => {
  it("is made once, closed to others, and gives the same keys again", async () => {
    const first = await load();
    const sealed = first.sealing.seal("secret", "here");
    const again = await load(false);
    expect(again.authority.certificate).toEqual(first.authority.certificate);
    expect(again.policy.publicKey).toEqual(first.policy.publicKey);
    expect(again.sealing.open(sealed, "here")).toBe("secret");
    expect((await again.nats.trust()).systemAccount).toBe((await first.nats.trust()).systemAccount);
    for (const name of await readdir(join(folder, "keys"), { recursive: true, withFileTypes: true })) {
      const mode = (await stat(join(name.parentPath, name.name))).mode & 0o777;
      expect([name.name, mode]).toEqual([name.name, name.isDirectory() ? 0o700 : 0o600]);
    }
  });

  it("is not made where documents stand already", async () => {
    const error = await errorOf(load(false));
    expect(error).toMatchObject({ code: "missing", status: 3 });
  });

  it("refuses to go on without one of its keys, whatever the caller allows", async () => {
    await load();
    await rm(join(folder, "keys", "policy.pem"));
    expect((await errorOf(load(true))).code).toBe("missing");
    expect(await readdir(join(folder, "keys"))).not.toContain("policy.pem");
  });

  it("goes on with a first start that was cut short", async () => {
    const first = await load();
    await rm(join(folder, "keys", "made.json"));
    await rm(join(folder, "keys", "policy.pem"));
    const second = await load(true);
    expect(second.authority.certificate).toEqual(first.authority.certificate);
    expect(second.policy.publicKey).not.toEqual(first.policy.publicKey);
  });

  it("names the file that others may read, and the fix", async () => {
    await load();
    const path = join(folder, "keys", "authority.key.pem");
    await chmod(path, 0o644);
    const error = await errorOf(load(false));
    expect(error).toMatchObject({ code: "permission", path });
    expect(error.message).toContain(`chmod 600 ${path}`);
  });

  it("names a damaged file", async () => {
    await load();
    const path = join(folder, "keys", "sealing", "1.key");
    await writeFile(path, "short");
    expect(await errorOf(load(false))).toMatchObject({ code: "unreadable", path });
  });
});

describe("persons", () => {
  it("cannot be read any more once erased, also after a restart", async () => {
    const keys = await load();
    await keys.persons.ensure("u1");
    const sealed = keys.persons.seal("u1", "Ann", "user/u1");
    expect(keys.persons.open("u1", sealed, "user/u1")).toBe("Ann");
    expect((await load(false)).persons.open("u1", sealed, "user/u1")).toBe("Ann");
    await keys.persons.erase("u1");
    expect(keys.persons.open("u1", sealed, "user/u1")).toBeNull();
    expect((await load(false)).persons.open("u1", sealed, "user/u1")).toBeNull();
  });
});

describe("NATS identities", () => {
  const identity = { tenant: "t", site: "s", agent: "a" };

  it("lets an agent publish one subject and hear two, until its certificate ends", async () => {
    const keys = await load();
    await keys.nats.ensureTenant("t");
    const claim = decode<User>(await keys.nats.agentUser(identity, createUser().getPublicKey(), NOW + 86_400_000));
    expect(claim.nats.pub).toEqual({ allow: ["obs.v1.t.s.a"] });
    expect(claim.nats.sub).toEqual({ allow: ["rcp.v1.t.s.a", "_INBOX_a.>"] });
    expect(claim.exp).toBe((NOW + 86_400_000) / 1_000);
    expect(claim.nats.issuer_account).toBe((await keys.nats.accountClaim("t")).publicKey);
  });

  it("keeps revocations in the claim that the next start preloads", async () => {
    const keys = await load();
    await keys.nats.ensureTenant("t");
    const user = createUser().getPublicKey();
    const revoked = await keys.nats.accountClaim("t", { [user]: 1_767_312_000 });
    const trust = await (await load(false)).nats.trust();
    expect(trust.accounts).toContainEqual(revoked);
    expect(await keys.nats.accountClaim("t", { [user]: 1_767_312_000 })).toEqual(revoked);
    expect((await keys.nats.accountClaim("t", {})).jwt).not.toBe(revoked.jwt);
  });

  it("knows a user key from anything else", () => {
    expect(isUserKey(createUser().getPublicKey())).toBe(true);
    for (const wrong of ["", "U", `U${"A".repeat(55)}`, createUser().getPublicKey().replace("U", "A")])
      expect(isUserKey(wrong)).toBe(false);
  });
});
