/** ssdp.notify: listens for NOTIFY on one interface; sends nothing. */
import { create } from "@bufbuild/protobuf";
import { SsdpNotifyPostureSchema, SsdpNotifyVolatileSchema } from "@vedette/proto";
import { z } from "zod";
import { classify } from "../../classify.ts";
import { collect } from "../../net/collect.ts";
import { DialError } from "../../net/dial.ts";
import { SSDP, SSDP_V6 } from "../../net/multicast.ts";
import { WireError } from "../../net/wire-error.ts";
import type { Found, ManyProbe } from "../probe.ts";
import { type Notice, parseNotice } from "./wire.ts";

const Options = z.strictObject({
  /** Own address of the interface in scope to listen on. */
  via: z.string(),
  listenMs: z.int().min(100).max(600_000).default(10_000),
});
export type SsdpNotifyOptions = z.infer<typeof Options>;

const MAX_FOUND = 4096;
export const MAX_NOTICE_BYTES = 8 * 1024;

export const ssdpNotify: ManyProbe<"ssdp.notify", SsdpNotifyOptions> = {
  id: "ssdp.notify",
  version: 1,
  transport: "udp",
  port: 1900,
  tier: "passive",
  deadlineMs: 20_000,
  options: Options,
  async runMany(_target, { via, listenMs }, cx) {
    const found = new Map<string, Found<"ssdp.notify">>();
    try {
      const group = via.includes(":") ? SSDP_V6 : SSDP;
      const socket = await cx.dial.udp({ interfaceAddress: via, group, maxDatagramBytes: MAX_NOTICE_BYTES });
      for await (const { address, bytes } of collect(socket, cx.clock, listenMs, cx.signal)) {
        const notice = noticeIn(bytes);
        if (notice && found.size < MAX_FOUND) found.set(`${address} ${notice.kind} ${notice.usn}`, foundBy(address, notice, bytes));
      }
      return { found: [...found.values()] };
    } catch (error) {
      if (!(error instanceof DialError)) throw error;
      return { found: [...found.values()], fault: classify(error, "response") };
    }
  },
};

/** undefined for everything else that is said in the group, broken or not. */
export function noticeIn(bytes: Uint8Array): Notice | undefined {
  try {
    return parseNotice(bytes);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

/** What one NOTIFY says, as facts about the host that sent it. */
export function foundBy(address: string, notice: Notice, bytes: Uint8Array): Found<"ssdp.notify"> {
  const { kind, usn, target, location, server, bootId, configId, maxAgeS } = notice;
  return {
    subject: { kind: "host", address },
    posture: create(SsdpNotifyPostureSchema, { kind, usn, target, location, server }),
    volatile: create(SsdpNotifyVolatileSchema, {
      ...(bootId === undefined ? {} : { bootId }),
      ...(configId === undefined ? {} : { configId }),
      ...(maxAgeS === undefined ? {} : { maxAgeS }),
    }),
    evidence: [{ label: "NOTIFY", bytes }],
  };
}
