/** onvif.device: what an ONVIF device service tells anybody: its clock, then who it is. No credentials, no other operation, no other host. */
import { create } from "@bufbuild/protobuf";
import { OnvifDevicePostureSchema, OnvifDeviceVolatileSchema } from "@vedette/proto";
import { z } from "zod";
import { fault } from "../../classify.ts";
import { type Challenge, parseChallenges } from "../../net/challenge.ts";
import { DialError } from "../../net/dial.ts";
import { field, fieldsOf } from "../../net/head.ts";
import { type HttpAnswer, httpPost, isRequestPath } from "../../net/http.ts";
import { clean } from "../../net/text.ts";
import { failed, faultOf } from "../outcome.ts";
import type { Fault, Probe, ProbeContext, Target } from "../probe.ts";
import { type Answer, type Clock, contentType, type Information, type Operation, parseAnswer, requestText } from "./wire.ts";

/** Hint of a target: path of the XAddr. */
export const SERVICE_PATH_HINT = "path";

const Options = z.strictObject({
  tls: z.boolean().default(false),
  /** Where no XAddr was heard. */
  path: z.string().refine(isRequestPath, "begins with / and holds visible ASCII only").default("/onvif/device_service"),
});
export type OnvifDeviceOptions = z.infer<typeof Options>;

const MAX_BODY = 64 * 1024;
const REFUSED: readonly number[] = [401, 403];

/** What one operation came to. */
interface Asked {
  readonly answer?: Answer;
  /** It was refused for want of credentials: by HTTP or by a fault of ONVIF. */
  readonly refused: boolean;
  readonly server: string;
  readonly challenges: readonly Challenge[];
}

export const onvifDevice: Probe<"onvif.device", OnvifDeviceOptions> = {
  id: "onvif.device",
  version: 1,
  transport: "tcp",
  port: 80,
  tier: "polite",
  deadlineMs: 15_000,
  options: Options,
  async run(target, options, cx) {
    const hinted = target.hints?.[SERVICE_PATH_HINT] ?? "";
    const path = isRequestPath(hinted) ? hinted : options.path;
    const ask = (operation: Operation): Promise<Asked> => askFor(operation, target, options.tls, path, cx);
    try {
      const first = await ask("GetSystemDateAndTime");
      let second: Asked | undefined;
      let why: Fault | undefined;
      try {
        second = await ask("GetDeviceInformation");
      } catch (error) {
        // The clock alone was told: it is what is known.
        if (!first.answer) throw error;
        why = faultOf(error);
        if (why.code === "bug") throw error;
      }
      // A server that refuses everything may be anything.
      if (!first.answer && !second?.answer) throw new DialError(fault("response", "rejected"));
      return { outcome: "identified", result: factsOf(path, options.tls, first, second), ...(why ? { fault: why } : {}) };
    } catch (error) {
      return failed(error);
    }
  },
};

/** @throws DialError, WireError where the answer is neither ONVIF's nor a refusal */
async function askFor(operation: Operation, { address, port }: Target, tls: boolean, path: string, cx: ProbeContext): Promise<Asked> {
  const content = { type: contentType(operation), text: requestText(operation) };
  const answer = await httpPost(cx.dial, { address, port, path, tls, maxBody: MAX_BODY }, content);
  const { head, status } = answer;
  const told = { server: clean(field(head, "server"), 256), challenges: parseChallenges(fieldsOf(head, "www-authenticate")) };
  cx.evidence(operation, answer.body);
  if (REFUSED.includes(status)) return { ...told, refused: true, ...refusalIn(answer) };
  // Half a document is none.
  if (answer.fault) throw new DialError(answer.fault);
  // Faults come with 400 or 500 (SOAP 1.2 part 2, 7.4.2.2); without a document the status is all that was said.
  if (status !== 200 && answer.body.length === 0) throw new DialError(fault("response", "rejected"));
  const parsed = parseAnswer(answer.body);
  return { ...told, answer: parsed, refused: parsed.kind === "refusal" && parsed.notAuthorized };
}

/** A refusal may carry a fault of ONVIF, which shows what refuses; most carry a page or nothing. */
function refusalIn({ body, fault: cut }: HttpAnswer): { answer?: Answer } {
  if (cut || body.length === 0) return {};
  try {
    return { answer: parseAnswer(body) };
  } catch (error) {
    if (faultOf(error).code === "bug") throw error;
    return {};
  }
}

function factsOf(path: string, tls: boolean, first: Asked, second: Asked | undefined) {
  const answers = [first.answer, second?.answer];
  const clock = answers.find((a): a is Clock => a?.kind === "clock");
  const information = answers.find((a): a is Information => a?.kind === "information");
  const { kind: _, ...told } = information ?? { kind: undefined };
  return {
    posture: create(OnvifDevicePostureSchema, {
      path,
      tls,
      ...told,
      ...(information ? { informationOpen: true } : second?.refused ? { informationOpen: false } : {}),
      dateTimeType: clock?.dateTimeType ?? "",
      timeZone: clock?.timeZone ?? "",
      ...(clock?.daylightSavings === undefined ? {} : { daylightSavings: clock.daylightSavings }),
      challenges: (second?.challenges ?? []).map((c) => ({ ...c })),
    }),
    volatile: create(OnvifDeviceVolatileSchema, {
      server: first.server,
      ...(clock?.timeS === undefined ? {} : { deviceTimeS: clock.timeS }),
    }),
  };
}
