/** upnp.description: GET of the path that a LOCATION named, on the host that sent it; no other host is ever asked. */
import { create } from "@bufbuild/protobuf";
import { UpnpDescriptionPostureSchema, UpnpDescriptionVolatileSchema } from "@vedette/proto";
import { z } from "zod";
import { fault } from "../../classify.ts";
import { DialError } from "../../net/dial.ts";
import { field } from "../../net/head.ts";
import { httpGet, isRequestPath } from "../../net/http.ts";
import { clean } from "../../net/text.ts";
import { failed } from "../outcome.ts";
import type { Probe } from "../probe.ts";
import { parseDescription } from "./wire.ts";

/** Hint of a target: path of the LOCATION. */
export const LOCATION_PATH_HINT = "path";

const Options = z.strictObject({
  /** Where no LOCATION was heard. */
  path: z.string().refine(isRequestPath, "begins with / and holds visible ASCII only").default("/rootDesc.xml"),
});
export type UpnpDescriptionOptions = z.infer<typeof Options>;

const MAX_BODY = 256 * 1024;

export const upnpDescription: Probe<"upnp.description", UpnpDescriptionOptions> = {
  id: "upnp.description",
  version: 1,
  transport: "tcp",
  port: 49_152,
  tier: "polite",
  deadlineMs: 10_000,
  options: Options,
  async run(target, options, cx) {
    const hinted = target.hints?.[LOCATION_PATH_HINT] ?? "";
    const path = isRequestPath(hinted) ? hinted : options.path;
    try {
      const answer = await httpGet(cx.dial, { address: target.address, port: target.port, path, tls: false, maxBody: MAX_BODY });
      if (answer.status !== 200) throw new DialError(fault("response", "rejected"));
      cx.evidence("description", answer.body);
      // Half a document is none.
      if (answer.fault) throw new DialError(answer.fault);
      const { serviceTypes, ...description } = parseDescription(answer.body);
      return {
        outcome: "identified",
        result: {
          posture: create(UpnpDescriptionPostureSchema, { locationPath: path, ...description, serviceTypes: [...serviceTypes] }),
          volatile: create(UpnpDescriptionVolatileSchema, { server: clean(field(answer.head, "server"), 256) }),
        },
      };
    } catch (error) {
      return failed(error);
    }
  },
};
