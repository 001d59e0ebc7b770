import { createServer } from "node:net";
import { ClickHouseError } from "@clickhouse/client";
import { afterEach, describe, expect, it } from "vitest";
import { isStoreAway, StoreSilentError } from "./away.ts";
import { openStore, type Store } from "./client.ts";

const refusal = (code: string) => new ClickHouseError({ code, message: "whatever the text says", type: "ANY" });
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** A store behind a server that does this to whoever connects; null: nobody listens. */
async function storeBehind(answer: string | null, timeoutMs = 5_000): Promise<Store> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    if (answer === "cut") socket.destroy();
    // Whoever closes on a question that he has not read cuts the connection, and his answer may be lost with it: the client ends it.
    else if (answer !== null && answer !== "silent") socket.once("data", () => socket.write(answer)).resume();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  if (answer === null) await new Promise((resolve) => server.close(resolve));
  else ends.push(() => server.close());
  const store = openStore({ url: `http://127.0.0.1:${port}`, user: "u", password: "p", timeoutMs });
  ends.push(() => store.close());
  return store;
}

async function streamed(store: Store): Promise<void> {
  for await (const _ of store.stream("SELECT 1"));
}

describe("a store that is away", () => {
  it.each([
    ["nobody listens", null, "ECONNREFUSED"],
    ["the connection is cut", "cut", "ECONNRESET"],
    ["nothing comes in time", "silent", null],
    ["something else answers", "HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\nno", null],
  ])("is told from one that refuses: %s", async (_name, answer, code) => {
    const store = await storeBehind(answer, 200);
    const statements = [
      store.query("SELECT 1"),
      streamed(store),
      store.insert("t", [{ a: 1 }]),
      store.insertValues("t", ["a"], [[1]]),
      store.command("SELECT 1"),
    ];
    for (const settled of await Promise.allSettled(statements)) {
      expect(settled).toMatchObject({ status: "rejected", reason: { name: "StoreSilentError", code } });
      expect(isStoreAway((settled as PromiseRejectedResult).reason)).toBe(true);
    }
  });

  it.each(["159", "202", "210", "241", "279", "285", "319"])("says so itself with code %s", (code) => {
    expect(isStoreAway(refusal(code))).toBe(true);
  });

  it.each(["47", "60", "62", "27", "516"])("is not one that refuses the question: %s", (code) => {
    expect(isStoreAway(refusal(code))).toBe(false);
  });

  it("is no fault of ours", () => {
    expect(isStoreAway(new Error("connect ECONNREFUSED"))).toBe(false);
    expect(isStoreAway(new StoreSilentError(new Error("any")))).toBe(true);
  });
});
