import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { buildApi } from "@vedette/collector/src/api/server.ts";
import { memoryApi } from "@vedette/collector/src/api/testing/api.ts";
import { expect, it } from "vitest";

/** Served by the WebSocket's upgrade, which no route declares. */
const LIVE = "/api/v1/live";

it("docs/api.md names only what is served, and every route that there is", async () => {
  const memory = await memoryApi();
  const app = await buildApi(memory.cx, undefined);
  const page = readFileSync(resolve(import.meta.dirname, "../../docs/api.md"), "utf8");
  const routes = app.declared.map(({ method, url }) => ({ method, path: url.replace(/:(\w+)/g, "{$1}") }));
  const served = new Set(routes.map(({ path }) => path));
  const calls = new Set(routes.map(({ method, path }) => `${method} ${path}`));

  const paths = [...page.matchAll(/\/(?:api\/v1\/[a-z0-9{}./-]+|healthz|readyz|metrics)(?=[`?"\s),])/g)].map(([path]) => path);
  expect(paths.length).toBeGreaterThan(20);
  expect(paths.filter((path) => path !== LIVE && !served.has(path))).toEqual([]);
  const named = [...page.matchAll(/\b(GET|POST|PUT|PATCH|DELETE) (\/[a-z0-9{}./-]+)/g)].map(([, method, path]) => `${method} ${path}`);
  expect(named.filter((call) => !calls.has(call))).toEqual([]);

  const unnamed = [...served].filter((path) => !paths.includes(path) && !/\/devices\/\{id\}\/observations$/.test(path));
  expect(unnamed).toEqual([]);
  await app.close();
  await memory.stop();
});
