import { z } from "zod";
import { VERBS } from "../../service/index.ts";
import { perform } from "../../service/verb.ts";
import { readSummaries } from "../../store/index.ts";
import { actorOf, READS, sitesAsked } from "../access.ts";
import { Cursor, CursorText, decodeCursor, encodeCursor } from "../cursor.ts";
import { deviceShape } from "../device-shape.ts";
import { deviceDetail, knownDevice } from "../known-device.ts";
import { ProblemError } from "../problem.ts";
import type { Routes } from "../routes.ts";
import { Device, DeviceDetail, list, Membership, Status } from "../shape.ts";

const Id = z.object({ id: z.string().max(64) });
const Query = z.strictObject({
  site: z.string().max(64).optional(),
  q: z.string().max(200).optional(),
  status: Status.optional(),
  clause: z.string().max(16).optional(),
  level: z.enum(["0", "1", "2", "3", "none"]).optional(),
  membership: Membership.optional(),
  cursor: Cursor.optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
});
const text = (max: number) => z.string().trim().min(1).max(max).nullable().exactOptional();
/** null takes a field away, an absent one stays. Checked whole before anything is written. */
const Change = z
  .strictObject({
    name: text(120),
    location: text(200),
    owner: text(120),
    tags: z.array(z.string().trim().min(1).max(60)).max(50).exactOptional(),
    membership: Membership.exactOptional(),
    /** Why the membership is to be another than the rule says. */
    reason: z.string().trim().min(1).max(500).exactOptional(),
  })
  .refine((change) => Object.keys(change).length > 0, { error: "say what to change" })
  .refine((change) => (change.membership === undefined) === (change.reason === undefined), {
    path: ["reason"],
    error: "goes with membership: say why it is another than the rule's",
  });

/** The last device of the page before. */
const Page = z.tuple([CursorText, CursorText]);
/** Most looks of one "probe again now". */
const MAX_LOOKS = 200;

export const deviceRoutes: Routes = (app, cx) => {
  app.get(
    "/api/v1/devices",
    { config: { access: READS }, schema: { summary: "Devices of the fleet", querystring: Query, response: { 200: list(Device) } } },
    async (request) => {
      const actor = actorOf(request);
      const { site, q, status, clause, level, membership, cursor, limit } = request.query;
      const sites = sitesAsked(cx, actor, site);
      const after = cursor === undefined ? null : decodeCursor(cursor, Page);
      for (const each of sites) cx.onRead(actor.tenant, each);
      const rows = await readSummaries(cx.store, actor.tenant, {
        limit: limit + 1,
        sites,
        ...(q === undefined ? {} : { q }),
        ...(status === undefined ? {} : { status }),
        ...(clause === undefined ? {} : { clause }),
        ...(level === undefined ? {} : { level: level === "none" ? null : Number(level) }),
        ...(membership === undefined ? {} : { membership }),
        ...(after === null ? {} : { after: { site: after[0], device: after[1] } }),
      });
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return {
        items: page.map((row) => deviceShape(actor.tenant, row)),
        nextCursor: rows.length > limit && last !== undefined ? encodeCursor([last.site, last.device]) : null,
      };
    },
  );

  app.get(
    "/api/v1/devices/:id",
    {
      config: { access: READS },
      schema: { summary: "A device, and how we know what it is", params: Id, response: { 200: DeviceDetail } },
    },
    async (request) => deviceDetail(cx, actorOf(request), request.params.id),
  );

  app.patch(
    "/api/v1/devices/:id",
    {
      config: { access: VERBS.setName.permission },
      schema: {
        summary: "Name it, place it, say whether it counts",
        params: Id,
        body: Change,
        response: { 202: z.object({ device: z.string() }) },
      },
    },
    async (request, reply) => {
      const actor = actorOf(request);
      const { device } = await knownDevice(cx, actor, request.params.id);
      const { membership, reason, ...said } = request.body;
      const place = { site: device.site, device: device.device };
      if (membership !== undefined) await perform(VERBS.setMembership, cx.services, actor, { ...place, membership, reason });
      if (Object.keys(said).length > 0) await perform(VERBS.setName, cx.services, actor, { ...place, ...said });
      // The decision stands; screens show it once it is derived.
      return reply.code(202).send({ device: device.device });
    },
  );

  app.post(
    "/api/v1/devices/:id/check",
    {
      config: { access: VERBS.checkDevice.permission },
      schema: { summary: "Probe it again now", params: Id, response: { 202: z.object({ tasks: z.array(z.string()) }) } },
    },
    async (request, reply) => {
      const actor = actorOf(request);
      const detail = await deviceDetail(cx, actor, request.params.id);
      const address = detail.addresses[0];
      if (address === undefined) throw new ProblemError(409, "the device has no address now; it cannot be looked at");
      const looks = [
        { probe: "tcp.connect", subject: { address, transport: "" as const, port: 0 } },
        ...detail.endpoints
          .filter((e) => e.address === address)
          .flatMap((e) =>
            probesOf(e.protocol).map((probe) => ({
              probe,
              subject: { address, transport: e.transport === "udp" ? ("udp" as const) : ("tcp" as const), port: e.port },
            })),
          ),
      ];
      const { tasks } = await perform(VERBS.checkDevice, cx.services, actor, { site: detail.site, looks: looks.slice(0, MAX_LOOKS) });
      return reply.code(202).send({ tasks: [...tasks] });
    },
  );
};

/** Which looks a known protocol of an endpoint is worth. */
function probesOf(protocol: string): string[] {
  switch (protocol) {
    case "http":
      return ["http.root"];
    case "https":
      return ["tls.handshake", "http.root"];
    case "rtsp":
      return ["rtsp.describe"];
    case "rtsps":
      return ["tls.handshake", "rtsp.describe"];
    case "tls":
      return ["tls.handshake"];
    case "snmp":
      return ["snmp.system"];
    default:
      return [];
  }
}
