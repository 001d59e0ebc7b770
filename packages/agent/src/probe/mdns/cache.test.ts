import { describe, expect, test } from "vitest";
import { RecordCache, splitInstance } from "./cache.ts";
import type { MdnsRecord, Rdata } from "./wire.ts";

const record = (name: string, data: Rdata, ttlS = 120, flush = false): MdnsRecord => ({ name, ttlS, flush, ...data });
const ptr = (instance: string, ttlS = 4500) => record("_rtsp._tcp.local", { type: "PTR", target: `${instance}._rtsp._tcp.local` }, ttlS);
const srv = (instance: string, port: number, ttlS = 120) =>
  record(`${instance}._rtsp._tcp.local`, { type: "SRV", port, target: "cam.local" }, ttlS, true);
const txt = (instance: string, ...entries: string[]) => record(`${instance}._rtsp._tcp.local`, { type: "TXT", entries }, 4500, true);

describe("record cache", () => {
  test("joins what came in different messages", () => {
    const cache = new RecordCache();
    expect(cache.add([ptr("Cam")], 0)).toEqual([]);
    expect(cache.incomplete()).toEqual([{ instance: "Cam", type: "_rtsp._tcp" }]);
    expect(cache.add([srv("Cam", 554)], 10).map((c) => c.kind)).toEqual(["appeared"]);
    expect(cache.add([txt("Cam", "a=1")], 20).map((c) => c.kind)).toEqual(["changed"]);
    cache.add([record("cam.local", { type: "A", address: "198.18.0.7" }), record("other.local", { type: "A", address: "198.18.0.8" })], 30);
    expect(cache.services()).toEqual([{ type: "_rtsp._tcp", instance: "Cam", port: 554, target: "cam.local", txt: ["a=1"] }]);
    expect(cache.hostNames("198.18.0.7")).toEqual(["cam.local"]);
    expect(cache.incomplete()).toEqual([]);
  });

  test("instance names hold dots", () => {
    expect(splitInstance("Front. Door v1.2._rtsp._tcp.local")).toEqual({ instance: "Front. Door v1.2", type: "_rtsp._tcp" });
    expect(splitInstance("_rtsp._tcp.local")).toBeUndefined();
    expect(splitInstance("_services._dns-sd._udp.local")).toBeUndefined();
    expect(splitInstance("cam.local")).toBeUndefined();
  });

  test("records end with their time to live", () => {
    const cache = new RecordCache();
    cache.add([srv("Cam", 554, 10)], 0);
    expect(cache.add([], 9_999)).toEqual([]);
    expect(cache.add([], 10_000).map((c) => c.kind)).toEqual(["gone"]);
    expect(cache.goodbyes()).toEqual([]);
  });

  test("a goodbye to the pointer alone ends the service and is told", () => {
    const cache = new RecordCache();
    cache.add([ptr("Cam"), srv("Cam", 554), txt("Cam", "a")], 0);
    expect(cache.add([ptr("cam", 0)], 10).map((c) => c.kind)).toEqual(["gone"]);
    expect(cache.services()).toEqual([]);
    expect(cache.goodbyes()).toEqual(["cam._rtsp._tcp.local"]);
  });

  test("a flush voids the older record, not its own burst", () => {
    const cache = new RecordCache();
    cache.add([srv("Cam", 554)], 0);
    expect(cache.add([srv("Cam", 8554)], 5_000)).toMatchObject([{ kind: "changed", service: { port: 8554 } }]);
    expect(cache.services().map((s) => s.port)).toEqual([8554]);
    cache.add([srv("Cam", 9554)], 5_100);
    expect(cache.services().map((s) => s.port)).toEqual([8554, 9554]);
  });

  test("hearing the same again changes nothing", () => {
    const cache = new RecordCache();
    const all = [ptr("Cam"), srv("Cam", 554), txt("Cam", "a")];
    cache.add(all, 0);
    expect(cache.add(all, 60_000)).toEqual([]);
  });

  test("a sender without end fills no memory", () => {
    const cache = new RecordCache();
    for (let i = 0; i < 20; i++)
      cache.add(
        Array.from({ length: 100 }, (_, n) => srv(`Cam ${i} ${n}`, 554)),
        i,
      );
    expect(cache.services().length).toBe(512);
  });
});
