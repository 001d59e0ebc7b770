/** Certificates of every kind that devices send, made by OpenSSL and node-forge, read through the child process. */
import { createHash, X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import forge from "node-forge";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCertificateReader } from "../../../packages/agent/src/probe/tls/certificate.ts";
import { isInstalled, output } from "./program.ts";

const reader = createCertificateReader();
afterAll(() => reader.close());
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vedette-certificates-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const openssl = await isInstalled("openssl");
if (!openssl) process.stderr.write("skipped: openssl is not installed\n");

interface Forged {
  readonly bits: number;
  readonly digest: forge.md.MessageDigest;
  readonly ca?: boolean;
}

function forged({ bits, digest, ca = false }: Forged): Buffer {
  const keys = forge.pki.rsa.generateKeyPair({ bits, e: 0x10001 });
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = keys.publicKey;
  certificate.serialNumber = "0a";
  certificate.validity.notBefore = new Date("2020-01-01T00:00:00Z");
  certificate.validity.notAfter = new Date("2049-12-31T23:59:59Z");
  const name = [{ name: "commonName", value: "camera, one" }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.setExtensions([
    { name: "basicConstraints", cA: ca },
    {
      name: "subjectAltName",
      altNames: [
        { type: 2, value: "camera.local" },
        { type: 7, ip: "192.0.2.7" },
      ],
    },
  ]);
  certificate.sign(keys.privateKey, digest);
  return Buffer.from(forge.asn1.toDer(forge.pki.certificateToAsn1(certificate)).getBytes(), "latin1");
}

async function one(der: Uint8Array) {
  const [facts] = await reader.read([der]);
  if (facts === undefined) throw new Error("no facts");
  return facts;
}

describe("weak and broken ones, by node-forge", () => {
  test.each([
    ["MD5 and RSA 512", { bits: 512, digest: forge.md.md5.create() }, "1.2.840.113549.1.1.4"],
    ["SHA-1 and RSA 1024", { bits: 1024, digest: forge.md.sha1.create(), ca: true }, "1.2.840.113549.1.1.5"],
  ] as const)("%s", async (_, parts, oid) => {
    const der = forged(parts);
    expect(await one(der)).toEqual({
      sha256: createHash("sha256").update(der).digest("hex"),
      spkiSha256: createHash("sha256")
        .update(new X509Certificate(der).publicKey.export({ type: "spki", format: "der" }))
        .digest("hex"),
      subject: "CN=camera\\, one",
      issuer: "CN=camera\\, one",
      serialNumber: "0a",
      notBefore: "2020-01-01T00:00:00Z",
      notAfter: "2049-12-31T23:59:59Z",
      keyType: "RSA",
      keyBits: parts.bits,
      signatureOid: oid,
      selfIssued: true,
      signatureVerifies: true,
      ca: "ca" in parts,
      names: ["dns:camera.local", "ip:192.0.2.7"],
      malformed: "",
    });
  });

  test("a signature that does not verify", async () => {
    const der = forged({ bits: 1024, digest: forge.md.sha256.create() });
    der[der.length - 1] = (der.at(-1) ?? 0) ^ 1;
    expect(await one(der)).toMatchObject({ signatureVerifies: false, malformed: "" });
  });

  test("a date that is none stays absent", async () => {
    const der = forged({ bits: 1024, digest: forge.md.sha256.create() });
    const at = der.indexOf("200101000000Z");
    expect(at).toBeGreaterThan(0);
    der.write("20xx01000000Z", at);
    const facts = await one(der);
    expect(facts.notBefore).toBeUndefined();
    expect(facts.notAfter).toBe("2049-12-31T23:59:59Z");
    expect(facts.malformed).toContain("validity");
  });

  test("one that is cut", async () => {
    const der = forged({ bits: 1024, digest: forge.md.sha256.create() });
    expect((await one(der.subarray(0, 100))).malformed).not.toBe("");
  });

  test("a public key that does not decode", async () => {
    const der = forged({ bits: 1024, digest: forge.md.sha256.create() });
    // rsaEncryption in SubjectPublicKeyInfo becomes an algorithm that nobody has.
    const at = der.indexOf(Buffer.from("2a864886f70d010101", "hex"));
    der[at + 8] = 0x7f;
    const facts = await one(der);
    expect(facts.keyType).toBe("");
    expect(facts.malformed).toContain("subjectPublicKeyInfo");
    expect(facts.subject).toBe("CN=camera\\, one");
  });
});

describe.skipIf(!openssl)("other keys and chains, by OpenSSL", () => {
  const pem = async (name: string) => new X509Certificate(await readFile(join(folder, name))).raw;

  test.each([
    [
      "EC P-256",
      ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
      { keyType: "EC", keyBits: 256, signatureOid: "1.2.840.10045.4.3.2" },
    ],
    ["EC P-521", ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-521"], { keyType: "EC", keyBits: 521 }],
    ["Ed25519", ["-newkey", "ed25519"], { keyType: "Ed25519", keyBits: 256, signatureOid: "1.3.101.112" }],
  ] as const)("%s", async (name, key, expected) => {
    const file = `${name.replace(" ", "-")}.pem`;
    await output("openssl", [
      "req",
      "-x509",
      "-nodes",
      ...key,
      "-keyout",
      join(folder, "key.pem"),
      "-out",
      join(folder, file),
      "-subj",
      "/O=lab/CN=unit",
    ]);
    expect(await one(await pem(file))).toMatchObject({ ...expected, subject: "CN=unit,O=lab", signatureVerifies: true, malformed: "" });
  });

  test("a leaf verifies under the next of its chain, and under no other", async () => {
    const at = (name: string) => join(folder, name);
    const root = (name: string) =>
      output("openssl", [
        "req",
        "-x509",
        "-nodes",
        "-newkey",
        "rsa:2048",
        "-keyout",
        at(`${name}-key.pem`),
        "-out",
        at(`${name}.pem`),
        "-subj",
        "/CN=root",
      ]);
    await root("root");
    await root("stranger");
    await output("openssl", [
      "req",
      "-nodes",
      "-newkey",
      "rsa:2048",
      "-keyout",
      at("leaf-key.pem"),
      "-out",
      at("leaf.csr"),
      "-subj",
      "/CN=leaf",
    ]);
    await output("openssl", [
      "x509",
      "-req",
      "-in",
      at("leaf.csr"),
      "-CA",
      at("root.pem"),
      "-CAkey",
      at("root-key.pem"),
      "-CAcreateserial",
      "-out",
      at("leaf.pem"),
    ]);
    const leaf = await pem("leaf.pem");
    expect((await reader.read([leaf, await pem("root.pem")]))[0]).toMatchObject({
      selfIssued: false,
      signatureVerifies: true,
      issuer: "CN=root",
    });
    expect((await reader.read([leaf, await pem("stranger.pem")]))[0]).toMatchObject({ signatureVerifies: false });
    expect((await reader.read([leaf]))[0]?.signatureVerifies).toBeUndefined();
  });
});
