import { expect, test } from "vitest";
import { input, look, outcome, ports, verdict } from "../testing/input.ts";

const CLAUSE = "5.5.1.1";
const rtsp = (paths: object[], more: object = {}) => look("rtsp.describe", { port: 554 }, { paths, randomPathStatus: 404, ...more });
const open = { path: "/live", status: 200, describes: true, media: [{ kind: "video" }] };

test("a stream described without credentials fails, with its path and media, never its content", () => {
  const v = verdict(CLAUSE, input([rtsp([open])]));
  expect([v.status, v.code]).toEqual(["fail", "rtsp-open"]);
  expect(v.parameters).toMatchObject({ paths: ["/live"], media: ["video"], endpoints: ["554/tcp"] });
});

test.each([
  ["a server that answers any path", rtsp([open], { randomPathStatus: 200, randomPathDescribes: true }), "unknown rtsp-answers-any-path"],
  ["only unknown paths", rtsp([{ path: "/a", status: 404 }]), "unknown rtsp-no-path-known"],
  ["refused: snapshots and recordings are still not looked at", rtsp([{ path: "/a", status: 401 }]), "notchecked part-without-probe"],
])("%s", (_, endpoint, expected) => {
  expect(outcome(CLAUSE, [endpoint])).toBe(expected);
});

test("no RTSP found is unknown, which outweighs the parts that were not looked at", () => {
  expect(outcome(CLAUSE, [ports({ 443: "" })])).toBe("unknown rtsp-none-found");
  expect(outcome(CLAUSE, [ports({ 554: "" })])).toBe("notchecked not-looked-at");
});

test("classes that keep no video, once a complete sweep has found none", () => {
  const device = { class: "switch", radioSeen: false } as const;
  const sweep = ports({}, [[1, 65_535]], { completeSweep: true });
  expect(outcome(CLAUSE, [sweep], { device })).toBe("notapplicable class-without-video");
  expect(outcome(CLAUSE, [ports({})], { device })).toBe("unknown rtsp-none-found");
  expect(outcome(CLAUSE, [sweep, rtsp([open])], { device })).toBe("fail rtsp-open");
  expect(outcome(CLAUSE, [sweep], { device: { class: "nas", radioSeen: false } })).toBe("unknown rtsp-none-found");
});
