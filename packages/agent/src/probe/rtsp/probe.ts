/**
 * rtsp.describe: OPTIONS, then DESCRIBE of a random path and of the usual ones, without credentials. The random path tells devices that
 * answer 200 to anything from those whose stream is open.
 */
import { randomBytes } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { RtspDescribePostureSchema, RtspDescribeVolatileSchema } from "@vedette/proto";
import { z } from "zod";
import { parseChallenges } from "../../net/challenge.ts";
import { field, fieldsOf } from "../../net/head.ts";
import { isRequestPath } from "../../net/http.ts";
import { clean } from "../../net/text.ts";
import { failed, faultOf } from "../outcome.ts";
import type { Fault, Probe, ProbeContext, Target } from "../probe.ts";
import { USUAL_PATHS } from "./paths.ts";
import { type RtspAnswer, RtspTalk } from "./talk.ts";
import { methodsOf, parseSdp, type SdpMedia, sessionTimeoutOf } from "./wire.ts";

const Path = z.string().refine(isRequestPath, "begins with / and holds visible ASCII only");

const Options = z.strictObject({
  tls: z.boolean().default(false),
  /** Instead of the usual paths. */
  paths: z.array(Path).max(64).optional(),
  /** A path that no device can have; by default a new one each time. */
  randomPath: Path.optional(),
});
export type RtspDescribeOptions = z.infer<typeof Options>;

/** Hint of a target: paths that discovery or ONVIF told, separated by line feeds. */
export const RTSP_PATHS_HINT = "rtspPaths";
const MAX_HINTED = 16;

interface Described {
  readonly path: string;
  readonly answer: RtspAnswer;
  readonly media: readonly SdpMedia[];
}

export const rtspDescribe: Probe<"rtsp.describe", RtspDescribeOptions> = {
  id: "rtsp.describe",
  version: 1,
  transport: "tcp",
  port: 554,
  tier: "polite",
  deadlineMs: 30_000,
  options: Options,
  async run(target, options, cx) {
    const talk = new RtspTalk(cx.dial, { address: target.address, port: target.port, tls: options.tls });
    try {
      const greeting = await talk.ask("OPTIONS", "/");
      cx.evidence("OPTIONS", greeting.headBytes);
      const { random, described, why } = await describeAll(talk, target, options, cx);
      const { posture, volatile } = factsOf(options.tls, greeting, random, described);
      return { outcome: "identified", result: { posture, volatile }, ...(why ? { fault: why } : {}) };
    } catch (error) {
      return failed(error);
    } finally {
      talk.close();
    }
  },
};

interface Descriptions {
  readonly random?: Described;
  readonly described: readonly Described[];
  /** What cut the list short. */
  readonly why?: Fault;
}

async function describeAll(talk: RtspTalk, target: Target, options: RtspDescribeOptions, cx: ProbeContext): Promise<Descriptions> {
  const described: Described[] = [];
  let random: Described | undefined;
  try {
    random = await describe(talk, options.randomPath ?? `/${randomBytes(9).toString("hex")}`);
    for (const path of pathsFor(target, options)) {
      const next = await describe(talk, path);
      // The head and nothing of the session: parameter sets are a piece of picture.
      if (next.media.length > 0 || described.length === 0) cx.evidence(`DESCRIBE ${path}`, next.answer.headBytes);
      described.push(next);
    }
    return { random, described };
  } catch (error) {
    // Once identified, what was seen is told; a bug of ours is not the network's.
    const why = faultOf(error);
    if (why.code === "bug") throw error;
    return { ...(random ? { random } : {}), described, why };
  }
}

async function describe(talk: RtspTalk, path: string): Promise<Described> {
  const answer = await talk.ask("DESCRIBE", path);
  return { path, answer, media: answer.status === 200 ? parseSdp(answer.body) : [] };
}

function pathsFor(target: Target, options: RtspDescribeOptions): string[] {
  const hinted = (target.hints?.[RTSP_PATHS_HINT] ?? "").split("\n").filter(isRequestPath).slice(0, MAX_HINTED);
  return [...new Set([...hinted, ...(options.paths ?? USUAL_PATHS.map((p) => p.path))])];
}

function factsOf(tls: boolean, greeting: RtspAnswer, random: Described | undefined, described: readonly Described[]) {
  const heads = [greeting, ...(random ? [random.answer] : []), ...described.map((d) => d.answer)].map((a) => a.head);
  const timeout = heads.map(sessionTimeoutOf).find((t) => t !== undefined);
  const paths = [...described].sort((a, b) => (a.path < b.path ? -1 : 1));
  return {
    posture: create(RtspDescribePostureSchema, {
      tls,
      server: clean(heads.map((h) => field(h, "server")).find((s) => s !== "") ?? "", 256),
      methods: methodsOf(greeting.head),
      randomPathStatus: random?.answer.status ?? 0,
      randomPathDescribes: (random?.media.length ?? 0) > 0,
      paths: paths.map(({ path, answer, media }) => ({
        path,
        status: answer.status,
        describes: media.length > 0,
        challenges: parseChallenges(fieldsOf(answer.head, "www-authenticate")).map((c) => ({ ...c })),
        media: media.map((m) => ({ ...m, encodings: [...m.encodings] })),
      })),
    }),
    volatile: create(RtspDescribeVolatileSchema, timeout === undefined ? {} : { sessionTimeoutS: timeout }),
  };
}
