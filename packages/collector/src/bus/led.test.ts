import { JetStreamApiError } from "@nats-io/jetstream";
import { describe, expect, it } from "vitest";
import { untilLed } from "./led.ts";

/** Throws the given errors, one at each question, then answers how often it was asked. */
function brokers(...errors: readonly unknown[]) {
  let asked = 0;
  return async () => {
    const error = errors[asked];
    asked += 1;
    if (error !== undefined) throw error;
    return asked;
  };
}

const refusal = (code: number) => new JetStreamApiError({ code: 503, err_code: code, description: "" });

describe("a question to brokers", () => {
  it("is asked until they have agreed who leads", async () => {
    const ask = brokers(refusal(10_008), refusal(10_039), new Error("no responders"));
    expect(await untilLed(ask, { everyMs: 1 })).toBe(4);
  });

  it("is not asked again where it was refused", async () => {
    const refused = refusal(10_058);
    const ask = brokers(refused);
    await expect(untilLed(ask, { everyMs: 1 })).rejects.toBe(refused);
  });

  it("is given up in the end", async () => {
    const silent = new Error("no answer");
    await expect(untilLed(() => Promise.reject(silent), { everyMs: 1, patienceMs: 20 })).rejects.toBe(silent);
  });
});
