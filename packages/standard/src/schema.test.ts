import fc from "fast-check";
import { expect, test } from "vitest";
import { assess } from "./assess.ts";
import { withNames } from "./registry/names.ts";
import { AssessInputError, assessInputJsonSchema, parseAssessInput } from "./schema.ts";
import { goodTls } from "./testing/input.ts";
import type { Look } from "./types.ts";

const at = "2026-06-01T12:00:00Z";
const tlsFacts = (goodTls() as Look<"tls.handshake">).facts;
const look = {
  id: "a/b/1",
  probe: "tls.handshake",
  endpoint: { address: "198.18.0.2", transport: "tcp", port: 443 },
  outcome: "identified",
  observedAt: at,
  facts: tlsFacts,
};
const file = (over: object = {}) => ({ at, device: { class: "camera" }, endpoints: [look], ...over });

function problems(json: unknown): string[] {
  try {
    parseAssessInput(json);
    return [];
  } catch (error) {
    if (!(error instanceof AssessInputError)) throw error;
    return error.problems.map((p) => `${p.path}: ${p.message}`);
  }
}

test("the smallest file is a time and a class; what is left out has a default", () => {
  const input = parseAssessInput({ at, device: { class: "camera" } });
  expect(input).toMatchObject({
    at: Date.parse(at),
    device: { radioSeen: false },
    endpoints: [],
    profile: null,
    coverage: { completeSweepAt: null },
  });
  expect(assess(input).verdicts).toHaveLength(54);
});

test("facts read the same with names and without", () => {
  if (tlsFacts === undefined) throw new Error("fixture without facts");
  const named = { ...look, facts: withNames("tls.handshake", tlsFacts) };
  expect(parseAssessInput(file({ endpoints: [named] }))).toEqual(parseAssessInput(file()));
});

test("times take an offset", () => {
  expect(parseAssessInput(file({ at: "2026-06-01T20:00:00+08:00" })).at).toBe(Date.parse(at));
});

test.each([
  ["a time that is none", file({ at: "yesterday" }), 'at: must be an RFC 3339 time, for example "2026-02-04T08:00:00Z"'],
  [
    "a probe that does not exist",
    file({ endpoints: [{ ...look, probe: "http" }] }),
    /^endpoints\[0\]\.probe: must be a probe: .*tls\.handshake/,
  ],
  [
    "facts of the wrong type",
    file({ endpoints: [{ ...look, facts: { versions: [{ version: "x" }] } }] }),
    /^endpoints\[0\]\.facts: tls\.handshake: .*TlsVersion\.version/,
  ],
  [
    "a fact that does not exist",
    file({ endpoints: [{ ...look, facts: { cipher: 1 } }] }),
    'endpoints[0].facts: tls.handshake: there is no fact "cipher"',
  ],
  [
    "no facts although identified",
    file({ endpoints: [{ ...look, facts: undefined }] }),
    "endpoints[0].facts: must be given where the outcome is identified",
  ],
  ["two looks under one id", file({ endpoints: [look, look] }), 'endpoints[1].id: "a/b/1" stands twice; ids must be unique'],
  [
    "a service written the other way round",
    file({ profile: { id: "p", services: ["443/tcp"] } }),
    'profile.services[0]: must be written "tcp/443"',
  ],
  [
    "a clause that the standard does not have",
    file({
      attestations: [
        { id: "a", clauses: ["5.2.7.4"], result: "pass", author: "x", documentHash: "x", validFrom: at, expires: "2027-01-01T00:00:00Z" },
      ],
    }),
    "attestations[0].clauses[0]: the standard has no clause 5.2.7.4",
  ],
  [
    "a range turned round",
    file({ coverage: { tcp: [{ first: 9, last: 1, at }] } }),
    "coverage.tcp[0]: first must not be greater than last",
  ],
])("%s is told with its place", (_, json, expected) => {
  const [first] = problems(json);
  if (typeof expected === "string") expect(first).toBe(expected);
  else expect(first).toMatch(expected);
});

test("whatever the file holds, it is read or refused with problems", () => {
  fc.assert(
    fc.property(fc.anything(), (json) => void problems(json)),
    { numRuns: 1000 },
  );
  fc.assert(
    fc.property(fc.anything(), (facts) => void problems(file({ endpoints: [{ ...look, facts }] }))),
    { numRuns: 1000 },
  );
});

test("the published JSON Schema names every field of the file", () => {
  const schema = assessInputJsonSchema() as { properties: Record<string, unknown>; required: string[] };
  expect(Object.keys(schema.properties).sort()).toEqual([
    "acceptedRisks",
    "at",
    "attestations",
    "coverage",
    "device",
    "endpoints",
    "feed",
    "fleet",
    "history",
    "profile",
    "rules",
  ]);
  expect(schema.required).toEqual(["at", "device"]);
});
