/** How an agent ends; a whole one at work is met in test/e2e/agent.test.ts. */
import { generateKeyPairSync, sign } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { PolicySchema, SignedPolicySchema } from "@vedette/proto";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseConfig } from "./config.ts";
import { makeKeys, saveIdentity } from "./identity.ts";
import { runAgent } from "./main.ts";
import { ScopeError } from "./net/scope.ts";
import { selfSigned } from "./testing/certificate.ts";

let data: string;

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "vedette-main-"));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

/** Nobody listens at the centre's address. The policy is the one that it gave last. */
async function enrolled(policyScope: readonly string[]): Promise<void> {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const { natsSeed } = await makeKeys();
  const { key, der } = await selfSigned();
  const certificate = der.toString("base64");
  const policy = toBinary(PolicySchema, create(PolicySchema, { version: 1, tenant: "t", site: "s", scope: [...policyScope] }));
  const signed = create(SignedPolicySchema, { policy, signature: sign(null, policy, privateKey) });
  saveIdentity(data, {
    format: 1,
    tenant: "t",
    site: "s",
    agent: "a",
    grpc: "127.0.0.1:1",
    ca: certificate,
    certificates: [certificate],
    key,
    natsUserJwt: "jwt",
    natsSeed,
    natsUrls: ["nats://127.0.0.1:1"],
    issuedMs: Date.now(),
    expiresMs: Date.now() + 86_400_000,
    policyKey: publicKey.export({ format: "der", type: "spki" }).toString("base64"),
  });
  writeFileSync(join(data, "policy.bin"), toBinary(SignedPolicySchema, signed));
}

test("an agent that cannot begin its work ends and says why, instead of staying without any", async () => {
  await enrolled(["no network"]);
  const config = parseConfig({ data, scope: ["127.18.0.0/24"] });
  const running = runAgent(config, { logger: pino({ level: "silent" }), signal: new AbortController().signal });
  await expect(running).rejects.toThrow(ScopeError);
});
