import type { OpenBroker } from "@vedette/agent/src/publish.ts";
import { expect, it } from "vitest";
import { randomOf } from "../kit/random.ts";
import { createCourier } from "./courier.ts";

function recorded(): { readonly open: OpenBroker; readonly delivered: string[] } {
  const delivered: string[] = [];
  const closed = new Promise<undefined>(() => undefined);
  return {
    delivered,
    open: async () => ({
      closed,
      publish: async (_payload, headers) => void delivered.push(headers["n"] ?? ""),
      close: async () => undefined,
    }),
  };
}

const handlers = { onReceipt: () => undefined, onReconnect: () => undefined };

it("delivers in order and once until it is told otherwise", async () => {
  const { open, delivered } = recorded();
  const courier = createCourier(open, randomOf(1));
  const broker = await courier.open(handlers);
  for (const n of ["1", "2", "3"]) await broker.publish(new Uint8Array(), { n });
  expect(delivered).toEqual(["1", "2", "3"]);
});

it("delivers everything twice and in another order", async () => {
  const { open, delivered } = recorded();
  const courier = createCourier(open, randomOf(1));
  const broker = await courier.open(handlers);
  courier.mess(true);
  for (const n of ["1", "2", "3", "4"]) await broker.publish(new Uint8Array(), { n });
  expect(delivered.toSorted()).toEqual(["1", "1", "2", "2", "3", "3", "4", "4"]);
  expect(delivered).not.toEqual(delivered.toSorted());
});
