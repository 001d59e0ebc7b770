/** http.root: GET /, and the one page that it redirects to on the same endpoint. */
import { create } from "@bufbuild/protobuf";
import { HttpRootPostureSchema, HttpRootVolatileSchema } from "@vedette/proto";
import { z } from "zod";
import { field } from "../../net/head.ts";
import { type HttpAnswer, httpGet, isRequestPath } from "../../net/http.ts";
import { clean } from "../../net/text.ts";
import { failed, faultOf } from "../outcome.ts";
import type { Fault, Probe, ProbeContext, Target } from "../probe.ts";
import { type Here, type Redirect, readHead, readPage, readRedirect } from "./wire.ts";

const Options = z.strictObject({ tls: z.boolean().default(false) });
export type HttpRootOptions = z.infer<typeof Options>;

const MAX_BODY = 256 * 1024;

interface Talk {
  readonly first: HttpAnswer;
  readonly redirect: Redirect;
  readonly last: HttpAnswer;
  readonly fault?: Fault;
}

export const httpRoot: Probe<"http.root", HttpRootOptions> = {
  id: "http.root",
  version: 1,
  transport: "tcp",
  port: 80,
  tier: "polite",
  deadlineMs: 15_000,
  options: Options,
  async run(target, { tls }, cx) {
    let talk: Talk;
    try {
      talk = await converse(target, tls, cx);
    } catch (error) {
      return failed(error);
    }
    const { first, redirect, last } = talk;
    const { date, ...head } = readHead(last.head);
    const page = readPage(last.body);
    cx.evidence("head", last.headBytes);
    cx.evidence("page", last.body);
    const posture = create(HttpRootPostureSchema, {
      tls,
      status: last.status,
      title: page.title,
      redirect: redirect.kind === "none" ? "" : clean(field(first.head, "location"), 512),
      redirectsToHttps: redirect.kind === "https",
      loginForm: page.loginForm,
      server: head.server,
      contentType: head.contentType,
      challenges: head.challenges.map((c) => ({ ...c })),
      securityHeaders: [...head.securityHeaders],
    });
    const volatile = create(HttpRootVolatileSchema, { bodyBytes: last.body.length, ...(date === undefined ? {} : { date }) });
    return { outcome: "identified", result: { posture, volatile }, ...(talk.fault ? { fault: talk.fault } : {}) };
  },
};

async function converse(target: Target, tls: boolean, cx: ProbeContext): Promise<Talk> {
  const here: Here = { address: target.address, port: target.port, tls };
  const get = (path: string): Promise<HttpAnswer> => httpGet(cx.dial, { ...here, path, maxBody: MAX_BODY });
  const first = await get("/");
  const redirect = readRedirect(first.status, field(first.head, "location"), here);
  const whole = { first, redirect, last: first, ...(first.fault ? { fault: first.fault } : {}) };
  if (redirect.kind !== "same" || !isRequestPath(redirect.path)) return whole;
  try {
    const last = await get(redirect.path);
    return { first, redirect, last, ...(last.fault ? { fault: last.fault } : {}) };
  } catch (error) {
    // The first answer was whole: it is what is known.
    return { ...whole, fault: faultOf(error) };
  }
}
