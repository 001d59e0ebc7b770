/** What an agent may tell within every limit and what nobody would expect: the bucket, which sites of other tenants share, goes on. */
import { create } from "@bufbuild/protobuf";
import { readBeliefs, readSummaries } from "@vedette/collector/src/store/index.ts";
import { encodeFacts, UpnpDescriptionPostureSchema, UpnpDescriptionVolatileSchema } from "@vedette/proto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { guardObservation, HeldSite, portsObservation, startTestStack, type TestStack } from "../kit/index.ts";

const T0 = Date.UTC(2026, 2, 3, 8);
const HOST = "198.18.0.10";
const NEVER_CLOSE = Number.POSITIVE_INFINITY;
/** A host without an identifier is waited for so long, ms. */
const SETTLED_MS = 5_000;
/** An address where every port answers, as far as one observation can tell of them. */
const PORTS = 30_000;

let stack: TestStack;
let bucket = 0;

beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack.stop());

async function derived(site: HeldSite) {
  site.now += SETTLED_MS;
  const holder = site.holder();
  await holder.open();
  for (let steps = 0; await holder.step(NEVER_CLOSE); steps++) expect(steps).toBeLessThan(10);
  return { holder, devices: await readSummaries(stack.store, "demo", { sites: [site.ref.site], limit: 10 }) };
}

it("goes on where a clock says what no column of times can hold", async () => {
  const site = await HeldSite.make(stack, ++bucket, T0);
  await site.stored([guardObservation(HOST, true, 0)], -T0);
  const { holder, devices } = await derived(site);
  expect(devices).toHaveLength(1);
  const beliefs = await readBeliefs(stack.store, "demo", site.ref.site, {});
  expect(beliefs.length).toBeGreaterThan(0);
  for (const { from } of beliefs) expect(from).toBeGreaterThanOrEqual(0);
  expect(await holder.sweep(site.ref)).toEqual({ devices: 1, corrections: 0 });
});

it("goes on where a device's name ends in the middle of a character, once it is cut", async () => {
  const site = await HeldSite.make(stack, ++bucket, T0);
  const friendlyName = `${"x".repeat(127)}\u{1f4f7}`;
  const { posture, volatile } = encodeFacts(
    "upnp.description",
    create(UpnpDescriptionPostureSchema, { friendlyName, modelName: friendlyName, manufacturer: friendlyName }),
    create(UpnpDescriptionVolatileSchema),
  );
  const look = portsObservation({ address: HOST, list: "guard", covered: [80], open: [{ port: 80 }] }, T0);
  await site.stored([look, { ...look, probe: "upnp.description", body: { case: "facts", value: { posture, volatile } } }]);
  const { holder, devices } = await derived(site);
  expect(devices.map(({ name }) => name)).toEqual([`${"x".repeat(127)}\ufffd`]);
  expect(await holder.sweep(site.ref)).toEqual({ devices: 1, corrections: 0 });
});

it("goes on where a device takes more than a message of the log", async () => {
  const site = await HeldSite.make(stack, ++bucket, T0);
  const open = Array.from({ length: PORTS }, (_, i) => ({ port: i + 1 }));
  await site.stored([portsObservation({ address: HOST, list: "full", covered: [], open }, T0)]);
  const { holder, devices } = await derived(site);
  expect(devices).toHaveLength(1);
  expect(await holder.sweep(site.ref)).toEqual({ devices: 1, corrections: 0 });
  const next = site.holder();
  await next.open();
  expect(next.devices).toBe(0);
});
