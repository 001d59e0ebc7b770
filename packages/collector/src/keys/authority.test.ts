import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { AGENT_CERTIFICATE_MS, Authority, CsrError, makeAuthority, parseAgentUri } from "./authority.ts";

const NOW = Date.UTC(2026, 5, 1);
const IDENTITY = { tenant: "t", site: "s", agent: "a" };
const P256 = { name: "ECDSA", namedCurve: "P-256" };
let authority: Authority;

async function csr(algorithm: webcrypto.EcKeyGenParams = P256): Promise<Buffer> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: "CN=ignored",
    keys,
    signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
  });
  return Buffer.from(request.rawData);
}

beforeAll(async () => {
  authority = await Authority.load(await makeAuthority(NOW));
});

describe("agent certificates", () => {
  it("name the agent that we meant, for a day", async () => {
    const issued = await authority.issueAgent(await csr(), IDENTITY, NOW);
    expect(issued.expiresAt).toBe(NOW + AGENT_CERTIFICATE_MS);
    expect(authority.identify(issued.certificate, NOW + 1)).toMatchObject({
      identity: IDENTITY,
      serial: issued.serial,
      publicKey: issued.publicKey,
    });
    expect(authority.identify(issued.certificate, NOW + AGENT_CERTIFICATE_MS)).toBeNull();
  });

  it("of another authority with our name are nobody's", async () => {
    const other = await Authority.load(await makeAuthority(NOW));
    const issued = await other.issueAgent(await csr(), IDENTITY, NOW);
    expect(authority.identify(issued.certificate, NOW + 1)).toBeNull();
  });

  it("are no server certificates, and the other way round", async () => {
    const server = await authority.issueServer(["localhost", "127.0.0.1"], NOW);
    const der = new x509.X509Certificate(server.certificate).rawData;
    expect(authority.identify(Buffer.from(der), NOW + 1)).toBeNull();
  });

  it("need a request that its own P-256 key signed", async () => {
    await expect(authority.issueAgent(await csr({ name: "ECDSA", namedCurve: "P-384" }), IDENTITY, NOW)).rejects.toThrow(CsrError);
    const forged = await csr();
    forged[forged.length - 1] = (forged[forged.length - 1] ?? 0) ^ 1;
    await expect(authority.issueAgent(forged, IDENTITY, NOW)).rejects.toThrow(CsrError);
    await expect(authority.issueAgent(new Uint8Array(5_000), IDENTITY, NOW)).rejects.toThrow(CsrError);
  });
});

describe("hostile bytes", () => {
  it("as a request only ever end in CsrError", async () => {
    const valid = await csr();
    await fc.assert(
      fc.asyncProperty(mutated(valid), async (bytes) => {
        const result = await authority.issueAgent(bytes, IDENTITY, NOW).catch((error: unknown) => error);
        expect(result instanceof CsrError || (typeof result === "object" && result !== null && "serial" in result)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it("as a certificate are nobody", async () => {
    const issued = await authority.issueAgent(await csr(), IDENTITY, NOW);
    fc.assert(
      fc.property(mutated(issued.certificate), (bytes) => {
        const who = authority.identify(bytes, NOW + 1);
        expect(who === null || Buffer.from(bytes).equals(issued.certificate)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it("as an agent's name are refused", () => {
    for (const uri of ["vedette:agent:t:s:a:b", "vedette:agent:t:s:a\n", "vedette:agent:t:*:a", "URI:vedette:agent:t:s:a"])
      expect(parseAgentUri(uri)).toBeNull();
  });
});

function mutated(valid: Uint8Array): fc.Arbitrary<Uint8Array> {
  const edits = fc.array(fc.record({ at: fc.nat({ max: valid.length - 1 }), value: fc.nat({ max: 255 }) }), { minLength: 1, maxLength: 8 });
  const edited = edits.map((list) => {
    const bytes = Uint8Array.from(valid);
    for (const { at, value } of list) bytes[at] = value;
    return bytes;
  });
  return fc.oneof(
    edited,
    fc.uint8Array({ maxLength: 600 }),
    fc.nat({ max: valid.length }).map((n) => valid.slice(0, n)),
  );
}
