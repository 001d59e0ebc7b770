/** 5.5.1.1: private data (video) only for the authorized. RTSP DESCRIBE without credentials must be refused. RFC 2326, 7826. */
import type { FactsOf } from "@vedette/proto";
import type { AssessInput, DeviceClass, Look } from "../types.ts";
import { bare } from "./fold.ts";
import { endpointOf, type Finding, quote, type Rule, type RuleResult } from "./rule.ts";
import type { View } from "./view.ts";

const RTSP_PORT = 554;
/** Classes that keep no video by nature (I-5), once a complete sweep has found no RTSP on them either. */
const WITHOUT_VIDEO: ReadonlySet<DeviceClass> = new Set(["switch", "access-point", "router", "printer", "phone"]);

function withoutVideo(view: View, input: AssessInput): RuleResult | null {
  const answers = view.fresh("rtsp.describe").some((l) => l.outcome === "identified") || view.stale(["rtsp.describe"]).length > 0;
  const settled = WITHOUT_VIDEO.has(input.device.class) && view.completeSweep && !answers;
  return settled ? bare("notapplicable", "class-without-video", { class: input.device.class }) : null;
}

function judgeRtsp(look: Look<"rtsp.describe">, facts: FactsOf<"rtsp.describe">): Finding {
  const open = facts.paths.filter((p) => p.describes);
  const refused = facts.paths.filter((p) => p.status === 401 || p.status === 403);
  const paths = facts.paths.map((p) => `${p.path} ${p.status}`);
  const at = { endpoint: endpointOf(look), observedAt: look.observedAt };
  const answersAll = facts.randomPathDescribes || (facts.randomPathStatus >= 200 && facts.randomPathStatus < 300);
  const evidence = [quote(look, { paths, describes: open.map((p) => p.path), randomPathStatus: facts.randomPathStatus })];
  if (answersAll) return { ...at, status: "unknown", code: "rtsp-answers-any-path", evidence };
  if (open.length > 0) {
    const media = [...new Set(open.flatMap((p) => p.media.map((m) => m.kind)))].sort();
    return { ...at, status: "fail", code: "rtsp-open", parameters: { paths: open.map((p) => p.path), media }, evidence };
  }
  if (refused.length === 0) return { ...at, status: "unknown", code: "rtsp-no-path-known", parameters: { tried: paths.length }, evidence };
  return { ...at, status: "pass", parameters: { tried: paths.length }, evidence };
}

function judgeStreams(view: View): Finding[] {
  const looks = view.fresh("rtsp.describe");
  const findings = looks.flatMap((l) => (l.outcome === "identified" && l.facts !== undefined ? [judgeRtsp(l, l.facts)] : []));
  if (findings.length > 0 || view.stale(["rtsp.describe"]).length > 0) return findings;
  if (looks.some((l) => l.endpoint.port === RTSP_PORT) || view.portState(RTSP_PORT) === "closed")
    return [{ status: "unknown", code: "rtsp-none-found" }];
  return [{ status: "notchecked", code: "not-looked-at", parameters: { probe: "rtsp.describe" }, endpoint: `${RTSP_PORT}/tcp` }];
}

export const rule: Rule = {
  clause: "5.5.1.1",
  version: 1,
  parts: [
    { name: "rtsp", probes: ["rtsp.describe"], judge: judgeStreams },
    { name: "snapshot", probes: [], judge: () => [] },
    { name: "recording", probes: [], judge: () => [] },
  ],
  passCode: "video-refused",
  absentCode: "no-answer",
  before: withoutVideo,
};
