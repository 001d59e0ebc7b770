import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readAttestations, readProfiles } from "./decision-file.ts";

const folder = mkdtempSync(join(tmpdir(), "vedette-decision-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(text: string): string {
  const path = join(folder, "file.yaml");
  writeFileSync(path, text);
  return path;
}

const attestation = {
  id: "lab-report",
  clauses: ["5.3.1.2"],
  target: { vendor: "Ardent Optics", model: "Ardent D4" },
  result: "pass",
  author: "Test laboratory",
  documentHash: "ab".repeat(32),
  validFrom: "2026-01-01T00:00:00Z",
  expires: "2027-01-01T08:00:00+08:00",
};

describe("a file of profiles", () => {
  it("is read as YAML, and holds always unless it says from when", () => {
    const path = file(
      "profiles:\n  - id: d4\n    match: {vendor: Ardent Optics, model: Ardent D4}\n    services: [tcp/443]\n    wired: true\n",
    );
    expect(readProfiles(path)).toEqual([
      { id: "d4", match: { vendor: "Ardent Optics", model: "Ardent D4" }, services: ["tcp/443"], wired: true, from: 0 },
    ]);
  });

  it.each([
    ["profiles:\n  - id: d4\n    match: {vendor: A}\n    services: [443]\n", /profiles\[0\]\.services\[0\]/],
    ["profiles:\n  - id: d4\n    match: {vendor: A}\n    services: [https/443]\n", /profiles\[0\]\.services\[0\]: must be "tcp\/PORT"/],
    ["profiles:\n  - id: d4\n    match: {}\n    services: []\n", /profiles\[0\]\.match: must name what it is about/],
    ["profiles:\n  - id: d4\n    match: {vendor: A}\n    service: []\n    services: []\n", /profiles\[0\]\.service is no field here/],
    ["profiles:\n  - match: {vendor: A}\n    services: []\n", /profiles\[0\]\.id is missing/],
    [
      "profiles:\n  - id: d4\n    match: {vendor: A}\n    services: []\n    from: 2026-01-01\n",
      /profiles\[0\]\.from: must be an RFC 3339 time/,
    ],
    ["profiles: [}", /line 1 is neither YAML nor JSON/],
    ["[]", /--profile: .*file\.yaml: the file/],
  ])("names the place and the fix: %j", (text, sentence) => {
    expect(() => readProfiles(file(text))).toThrow(sentence);
    expect(() => readProfiles(file(text))).toThrow(expect.objectContaining({ status: 2 }));
  });

  it("that is not there is wrong usage", () => {
    expect(() => readProfiles(join(folder, "none.yaml"))).toThrow(/none\.yaml cannot be read \(ENOENT\); give the path/);
  });
});

describe("a file of attestations", () => {
  it("is read as JSON with times of any zone", () => {
    const [read] = readAttestations(file(JSON.stringify({ attestations: [attestation] })));
    expect(read).toMatchObject({ validFrom: Date.UTC(2026, 0, 1), expires: Date.UTC(2027, 0, 1), recordedAt: Date.UTC(2026, 0, 1) });
  });

  it.each([
    [{ clauses: ["5.9.9.9"] }, /attestations\[0\]\.clauses\[0\]: "5\.9\.9\.9" is no clause of TS-0014-1/],
    [{ expires: "2025-01-01T00:00:00Z" }, /attestations\[0\]\.expires: must be after validFrom/],
    [{ documentHash: "abc" }, /attestations\[0\]\.documentHash: must be the SHA-256/],
    [{ result: "maybe" }, /attestations\[0\]\.result/],
    [{ target: {} }, /attestations\[0\]\.target: must name what it is about/],
  ])("names the place and the fix: %j", (change, sentence) => {
    expect(() => readAttestations(file(JSON.stringify({ attestations: [{ ...attestation, ...change }] })))).toThrow(sentence);
  });
});
