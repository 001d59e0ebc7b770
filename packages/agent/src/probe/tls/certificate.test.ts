import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { type CertificateReader, createCertificateReader } from "./certificate.ts";

const folder = mkdtempSync(join(tmpdir(), "vedette-certificate-"));
const readers: CertificateReader[] = [];
afterEach(() => {
  for (const reader of readers.splice(0)) reader.close();
});
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

function reader(options: Parameters<typeof createCertificateReader>[0] = {}): CertificateReader {
  const made = createCertificateReader(options);
  readers.push(made);
  return made;
}

/** A child that treats chains of one as `body` says and dies of longer ones that hold the byte 13. */
function child(name: string, body: string): string {
  const path = join(folder, name);
  writeFileSync(path, body);
  return path;
}

/** Resolves when the child has ended for want of work. */
async function idle(certificates: CertificateReader): Promise<void> {
  await vi.waitFor(() => expect(certificates.running).toBe(false), { timeout: 10_000, interval: 5 });
}

const FATAL = new Uint8Array([13]);
const HARMLESS = new Uint8Array([1]);

test("garbage is malformed, and named by its fingerprint", async () => {
  const [facts] = await reader().read([HARMLESS]);
  expect(facts).toMatchObject({ sha256: "4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a", keyType: "" });
  expect(facts?.malformed).not.toBe("");
  expect(facts?.notBefore).toBeUndefined();
});

test("the child starts on demand, ends without work, and starts again", async () => {
  const certificates = reader({ idleMs: 50 });
  expect(certificates.running).toBe(false);
  await certificates.read([HARMLESS]);
  expect(certificates.running).toBe(true);
  await idle(certificates);
  expect(await certificates.read([new Uint8Array([2])])).toHaveLength(1);
});

test("a chain that was read before needs no child", async () => {
  const certificates = reader({ idleMs: 20 });
  const first = await certificates.read([HARMLESS]);
  await idle(certificates);
  expect(await certificates.read([HARMLESS])).toEqual(first);
  expect(certificates.running).toBe(false);
});

test("a certificate that kills the parser costs only itself", async () => {
  const path = child(
    "dies.mjs",
    `process.on("message", ({ id, chain }) => {
      if (chain.some((der) => der[0] === 13)) process.kill(process.pid, "SIGSEGV");
      else process.send({ id, facts: chain.map(() => ({ malformed: "", sha256: "read" })) });
    });`,
  );
  const facts = await reader({ child: path }).read([HARMLESS, FATAL, HARMLESS]);
  expect(facts.map(({ malformed }) => malformed)).toEqual(["", "certificate: the parser died of it", ""]);
});

test("a certificate that never ends is given up within its time", async () => {
  const path = child("hangs.mjs", `process.on("message", () => { for (;;); });`);
  const startedAt = performance.now();
  const facts = await reader({ child: path, parseMs: 200 }).read([FATAL]);
  expect(facts[0]?.malformed).toBe("certificate: the parser died of it");
  expect(performance.now() - startedAt).toBeLessThan(3_000);
});

test("several reads at once share one child", async () => {
  const certificates = reader();
  const all = await Promise.all(Array.from({ length: 20 }, (_, n) => certificates.read([new Uint8Array([n, n])])));
  expect(new Set(all.map(([facts]) => facts?.sha256)).size).toBe(20);
});
