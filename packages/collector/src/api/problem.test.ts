import { ClickHouseError } from "@clickhouse/client";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ServiceError } from "../service/service-error.ts";
import { StoreSilentError } from "../store/away.ts";
import { installProblems, ProblemError } from "./problem.ts";

let app: FastifyInstance;

beforeEach(() => {
  app = Fastify();
  installProblems(app);
});
afterEach(() => app.close());

async function answerTo(error: Error) {
  app.get("/", () => {
    throw error;
  });
  const { statusCode, headers, body } = await app.inject({ url: "/" });
  return { statusCode, type: headers["content-type"], headers, body: JSON.parse(body) as object };
}

describe("an error becomes a problem", () => {
  it("with the field to mend", async () => {
    const { type, body } = await answerTo(new ProblemError(400, "site: is not known here", "site"));
    expect(type).toMatch(/^application\/problem\+json/);
    expect(body).toEqual({
      type: "about:blank",
      title: "The request is not right",
      status: 400,
      detail: "site: is not known here",
      field: "site",
    });
  });

  it.each([
    ["invalid", 400],
    ["unauthenticated", 401],
    ["forbidden", 403],
    ["not-found", 404],
    ["conflict", 409],
    ["locked", 429],
    ["too-many", 429],
    ["unavailable", 503],
  ] as const)("of a service: %s is %i", async (code, status) => {
    const { statusCode, headers, body } = await answerTo(new ServiceError(code, "said", "field.0"));
    expect(statusCode).toBe(status);
    expect(body).toMatchObject({ status, detail: "said", field: "field.0" });
    expect(headers["www-authenticate"]).toBe(status === 401 ? "Bearer" : undefined);
    expect(headers["retry-after"]).toBe(status === 503 ? "5" : undefined);
  });

  it.each([
    ["does not answer", new StoreSilentError(new Error("connect ECONNREFUSED 127.0.0.1:8423"))],
    ["says that it cannot now", new ClickHouseError({ code: "279", message: "shard at 10.0.0.1", type: "ALL_CONNECTION_TRIES_FAILED" })],
  ])("that asks to try again, where the store %s", async (_what, error) => {
    const { statusCode, type, headers, body } = await answerTo(error);
    expect([statusCode, headers["retry-after"]]).toEqual([503, "5"]);
    expect(type).toMatch(/^application\/problem\+json/);
    const detail = "the store does not answer; try again in a few seconds";
    expect(body).toEqual({ type: "about:blank", title: "Not ready", status: 503, detail });
  });

  it("of ours where the store refuses what we asked", async () => {
    const refused = new ClickHouseError({ code: "62", message: "Syntax error: SELECT password", type: "SYNTAX_ERROR" });
    expect((await answerTo(refused)).body).toEqual({ type: "about:blank", title: "It could not be done", status: 500 });
  });

  it("that tells nothing of a fault of ours", async () => {
    const { body } = await answerTo(new Error("connect ECONNREFUSED 127.0.0.1:8423", { cause: new Error("password=x") }));
    expect(body).toEqual({ type: "about:blank", title: "It could not be done", status: 500 });
  });

  it("that tells only the status of what a library refused", async () => {
    const { body } = await answerTo(Object.assign(new Error("EACCES: /etc/shadow"), { statusCode: 403 }));
    expect(body).toEqual({ type: "about:blank", title: "Not permitted", status: 403 });
  });

  it("where nothing is served", async () => {
    const { statusCode, body } = await app.inject({ method: "POST", url: "/none?secret=1" });
    expect(statusCode).toBe(404);
    expect(JSON.parse(body)).toMatchObject({ status: 404, detail: "nothing is served at POST /none" });
  });
});
