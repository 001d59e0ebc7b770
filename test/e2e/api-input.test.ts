/** Hostile and odd input of every route on a real stack: never a fault of ours, never a stack trace. And answers that stay the same. */
import { CLAUSES, STANDARD } from "@vedette/standard";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type SeededApi, startSeededApi } from "../kit/seeded-api.ts";
import { deviceOf, EPOCH, eventRow, FIRST_AT, insertChangeset, insertRows, REVISED_AT } from "../kit/seeded-rows.ts";

const PLACE = { tenant: "t", site: "s1" };
const DEVICE = deviceOf(PLACE);
const RUNS = 60;

let api: SeededApi;
let authorization: string;
let addresses = 0;

beforeAll(async () => {
  api = await startSeededApi();
  authorization = `Bearer ${await api.token("t", [{ site: null, role: "admin" }])}`;
});
afterAll(() => api?.stop());

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** From ever new addresses: limits are another test's matter. */
async function ask(url: string, o: { method?: Method; payload?: object | string; headers?: Record<string, string> } = {}) {
  addresses += 1;
  const remoteAddress = `198.18.${(addresses >> 8) & 255}.${addresses & 255}`;
  return api.app.inject({ url, remoteAddress, ...o, headers: { authorization, ...o.headers } });
}

function expectFit(answer: { statusCode: number; body: string; headers: Record<string, unknown> }, what: string): void {
  // 503 is said where no agent is online.
  const fit = answer.statusCode < 500 || answer.statusCode === 503;
  expect([what, answer.statusCode, fit]).toEqual([what, answer.statusCode, true]);
  if (answer.statusCode >= 400) expect(String(answer.headers["content-type"])).toContain("application/problem+json");
  expect(answer.body).not.toMatch(/node_modules|\bat [\w.]+ \(|ClickHouse|SELECT /);
}

const declared = (wanted: (method: string) => boolean) =>
  api.app.declared.filter(({ method, url }) => method !== "HEAD" && wanted(method) && url !== "/api/v1/openapi.json");

const cursorOf = (parts: unknown) => Buffer.from(JSON.stringify(parts)).toString("base64url");
const time = fc.oneof(
  fc.constantFrom("0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59Z", "2026-02-30T00:00:00Z", "now", "0"),
  fc.date({ noInvalidDate: true }).map((d) => d.toISOString()),
);
const cursor = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.json().map((text) => Buffer.from(text).toString("base64url")),
  fc.array(fc.oneof(fc.double(), fc.integer(), fc.string({ unit: "binary" }), fc.constantFrom(1e300, -1, 2 ** 53, null))).map(cursorOf),
);
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 80 }),
  fc.constantFrom("", "'", "\\", "\t\n", "\0", "%", "{a:String}", "s1", "x".repeat(300)),
);
const query = fc.dictionary(
  fc.constantFrom(
    "site",
    "q",
    "status",
    "clause",
    "level",
    "membership",
    "cursor",
    "limit",
    "at",
    "knownAt",
    "from",
    "to",
    "kind",
    "device",
    "id",
  ),
  fc.oneof(
    text,
    time,
    cursor,
    fc.integer().map(String),
    fc.constantFrom("drift", "pass", "in", "0", "none", `agent-1/${EPOCH}/4294967296`),
  ),
);

describe("hostile input", () => {
  it("in the query of any GET is refused in words, or answered", { timeout: 120_000 }, async () => {
    for (const { url } of declared((method) => method === "GET")) {
      const path = url.replace(":id", DEVICE);
      await fc.assert(
        fc.asyncProperty(query, async (asked) => {
          const whole = `${path}?${new URLSearchParams(asked)}`;
          expectFit(await ask(whole), whole);
        }),
        { numRuns: RUNS },
      );
    }
  });

  it("in a query that is right but for one field is refused in words, or answered", { timeout: 120_000 }, async () => {
    const fields: readonly (readonly [string, fc.Arbitrary<string>])[] = [
      ["/api/v1/devices?q", text],
      ["/api/v1/devices?cursor", cursor],
      ["/api/v1/events?cursor", cursor],
      ["/api/v1/events?from", time],
      ["/api/v1/events?to", time],
      ["/api/v1/events?device", text],
      [`/api/v1/devices/${DEVICE}/timeline?cursor`, cursor],
      [`/api/v1/devices/${DEVICE}/timeline?from`, time],
      [`/api/v1/devices/${DEVICE}/assessment?at`, time],
      [`/api/v1/devices/${DEVICE}/assessment?knownAt`, time],
      [`/api/v1/devices/${DEVICE}/observations?cursor`, cursor],
      [`/api/v1/devices/${DEVICE}/observations?id`, text],
    ];
    for (const [field, values] of fields) {
      await fc.assert(
        fc.asyncProperty(values, async (value) => {
          const whole = `${field}=${encodeURIComponent(value.toWellFormed())}`;
          expectFit(await ask(whole), whole);
        }),
        { numRuns: RUNS },
      );
    }
  });

  it("in a path or a body is refused in words", { timeout: 120_000 }, async () => {
    for (const { method, url } of declared((m) => m !== "GET")) {
      await fc.assert(
        fc.asyncProperty(
          text,
          fc.oneof(fc.json(), fc.string({ unit: "binary" }), fc.constant('{"__proto__":{"x":1}}')),
          async (id, payload) => {
            const path = url.replace(":id", encodeURIComponent(id.toWellFormed()).replaceAll(".", "%2E") || "x");
            expectFit(
              await ask(path, { method: method as Method, payload, headers: { "content-type": "application/json" } }),
              `${method} ${path} ${payload}`,
            );
          },
        ),
        { numRuns: 20 },
      );
    }
    for (const url of ["/%", "/api/v1/devices/%ff", `/api/v1/devices/${"x".repeat(300)}`, "/api/v1/devices/..%2f..%2fhealthz"]) {
      expectFit(await ask(url), url);
    }
    const large = await ask("/api/v1/tokens", { method: "POST", payload: { name: "x".repeat(300_000) } });
    expect(large.statusCode).toBe(413);
  });

  it("names the field and the fix", async () => {
    const cases: readonly (readonly [Method, string, object | undefined, string])[] = [
      ["GET", "/api/v1/devices?limit=0", undefined, "limit"],
      ["GET", "/api/v1/devices?cursor=x", undefined, "cursor"],
      ["GET", "/api/v1/devices?site=none", undefined, "site"],
      ["PATCH", `/api/v1/devices/${DEVICE}`, { membership: "out" }, "reason"],
      ["PATCH", `/api/v1/devices/${DEVICE}`, { name: " " }, "name"],
      ["POST", "/api/v1/enrolments", { site: "none" }, "site"],
      ["POST", "/api/v1/tokens", { name: "x", grants: [{ site: null, role: "owner" }] }, "grants.0.role"],
    ];
    for (const [method, url, payload, field] of cases) {
      const { body } = await ask(url, { method, ...(payload === undefined ? {} : { payload }) });
      expect([url, JSON.parse(body)]).toMatchObject([url, { field, detail: expect.stringContaining(field) }]);
    }
    expect((await ask(`/api/v1/devices/${DEVICE}`, { method: "PATCH", payload: {} })).json()).toMatchObject({ status: 400 });
  });
});

describe("a change of a device", () => {
  it("adds to what was said, takes away by null, and writes nothing where one part is wrong", async () => {
    const patch = (payload: object) => ask(`/api/v1/devices/${DEVICE}`, { method: "PATCH", payload });
    const named = () => api.services.log.view.get("t", "name", DEVICE)?.body;
    expect((await patch({ name: "Gate", location: "North" })).statusCode).toBe(202);
    expect((await patch({ location: null, tags: ["a"] })).statusCode).toBe(202);
    expect(named()).toEqual({ site: "s1", name: "Gate", tags: ["a"] });
    const before = api.services.log.view.head("t");
    expect((await patch({ membership: "out", reason: "sold", owner: "" })).statusCode).toBe(400);
    expect(api.services.log.view.head("t")).toEqual(before);
  });
});

describe("what was known", () => {
  const assessment = `/api/v1/devices/${DEVICE}/assessment`;
  const timeline = `/api/v1/devices/${DEVICE}/timeline`;
  const iso = (ms: number) => new Date(ms).toISOString();
  const belief = (clause: string, from: number, status: string) => ({
    device: DEVICE,
    clause,
    from: iso(from),
    status,
    basis: "observed",
    code: "test",
    parameters: "{}",
    evidence: "[]",
    observed_at: null,
    rule_version: 1,
    cause: "observation",
    initial: false,
  });

  it("is the same bytes when it is asked again with the knownAt that was returned, whatever comes later", async () => {
    const now = await ask(assessment);
    expect(now.json()).toMatchObject({ knownAt: iso(REVISED_AT), at: iso(REVISED_AT), catalogue: STANDARD.id, device: DEVICE });
    expect(now.json().verdicts).toHaveLength(54);
    const line = await ask(timeline);
    const asked = [assessment, timeline].map((url) => `${url}?knownAt=${iso(REVISED_AT)}`);
    const before = await Promise.all(asked.map((url) => ask(url)));
    expect(before.map((a) => a.body)).toEqual([now.body, line.body]);
    const early = await ask(`${assessment}?knownAt=${iso(FIRST_AT)}`);
    expect(early.json().verdicts[0].status).toBe("pass");
    expect(now.json().verdicts[0].status).toBe("fail");

    const clause = now.json().verdicts[1].clause as string;
    await insertChangeset(api.cx.store, PLACE, 3, REVISED_AT + 1_000, {
      belief: [belief(clause, FIRST_AT - 60_000, "fail")],
      event: [eventRow(PLACE, "event-3", REVISED_AT)],
    });
    expect((await Promise.all(asked.map((url) => ask(url)))).map((a) => a.body)).toEqual([now.body, line.body]);
    expect((await ask(`${assessment}?knownAt=${iso(FIRST_AT)}`)).body).toBe(early.body);
    expect((await ask(assessment)).json().verdicts[1].status).toBe("fail");
  });

  it("is nothing that was written and is not applied: neither as an event nor as a verdict", async () => {
    const urls = ["/api/v1/events?site=s1", assessment, timeline];
    const answers = async () => (await Promise.all(urls.map((url) => ask(url)))).map((a) => a.body);
    const before = await answers();
    const rows = { event: [eventRow(PLACE, "event-4", REVISED_AT)], belief: [belief(CLAUSES[2]?.id ?? "", FIRST_AT - 10_000, "unknown")] };
    await insertRows(api.cx.store, PLACE, 4, REVISED_AT + 2_000, rows);
    expect(await answers()).toEqual(before);
    await insertChangeset(api.cx.store, PLACE, 4, REVISED_AT + 2_000, {});
    const after = await answers();
    expect(after.map((body, i) => body === before[i])).toEqual([false, false, false]);
    expect(after[0]).toContain("event-4");
  });

  it("ends at the closed time: what is asked beyond is answered as of it, and says so", async () => {
    const beyond = await ask(`${assessment}?at=2100-01-01T00:00:00Z&knownAt=2100-01-01T00:00:00Z`);
    const { at, knownAt } = beyond.json();
    expect(at).toBe(knownAt);
    expect(Date.parse(knownAt)).toBe(REVISED_AT + 2_000);
    expect((await ask(`${assessment}?at=2000-01-01T00:00:00Z`)).statusCode).toBe(404);
    expect((await ask(`${assessment}?knownAt=2000-01-01T00:00:00Z`)).statusCode).toBe(404);
  });

  it("comes by pages that neither lose nor repeat, each as of the first", async () => {
    const whole = (await ask(`${timeline}?knownAt=${iso(REVISED_AT)}`)).json();
    const items: unknown[] = [];
    for (let next: string | null = ""; next !== null; ) {
      const page: { items: unknown[]; nextCursor: string | null; knownAt: string } = (
        await ask(next === "" ? `${timeline}?limit=20&knownAt=${iso(REVISED_AT)}` : `${timeline}?limit=20&cursor=${next}`)
      ).json();
      expect(page.knownAt).toBe(whole.knownAt);
      items.push(...page.items);
      next = page.nextCursor;
    }
    expect(items).toEqual(whole.items);
    for (const list of ["/api/v1/events?site=s1", `/api/v1/devices/${DEVICE}/observations?`, "/api/v1/devices?"]) {
      const all = (await ask(`${list}&limit=500`.replace("?&", "?"))).json().items as { id: string }[];
      const ids: string[] = [];
      for (let next: string | null = ""; next !== null; ) {
        const page: { items: { id: string }[]; nextCursor: string | null } = (
          await ask(`${list}&limit=1${next === "" ? "" : `&cursor=${next}`}`.replace("?&", "?"))
        ).json();
        ids.push(...page.items.map(({ id }) => id));
        next = page.nextCursor;
      }
      expect(ids).toEqual(all.map(({ id }) => id));
      expect(ids.length).toBeGreaterThan(1);
    }
  });
});

describe("while the store is away", () => {
  it("whoever asks is told to come back, and is answered when it is there again", async () => {
    const urls = ["/api/v1/sites", "/api/v1/devices", `/api/v1/devices/${DEVICE}/assessment`, "/api/v1/events?site=s1"];
    const before = await Promise.all(urls.map((url) => ask(url)));
    expect(before.map((a) => a.statusCode)).toEqual(urls.map(() => 200));
    await api.stack.processes.kill("clickhouse");
    for (const url of urls) {
      const answer = await ask(url);
      expect([url, answer.statusCode, answer.headers["retry-after"]]).toEqual([url, 503, "5"]);
      expectFit(answer, url);
    }
    const change = await ask(`/api/v1/devices/${DEVICE}`, { method: "PATCH", payload: { name: "Gate" } });
    expect([change.statusCode, change.headers["retry-after"]]).toEqual([503, "5"]);
    await api.stack.processes.start("clickhouse");
    const after = await Promise.all(urls.map((url) => ask(url)));
    expect(after.map((a) => a.body)).toEqual(before.map((a) => a.body));
  });
});
