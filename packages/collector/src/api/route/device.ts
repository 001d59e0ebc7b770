import { z } from "zod";
import type { Actor } from "../../service/actor.ts";
import { VERBS } from "../../service/index.ts";
import { perform } from "../../service/verb.ts";
import { readEvidence, readObservation, readSummaries } from "../../store/index.ts";
import { readObservationList } from "../../store/observation-list.ts";
import { viewObservation } from "../../store/observation-view.ts";
import { actorOf, visibleSites } from "../access.ts";
import type { ApiContext } from "../context.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import { deviceDetailShape, deviceShape } from "../device-shape.ts";
import { knownDevice } from "../known-device.ts";
import { ProblemError } from "../problem.ts";
import type { Routes } from "../routes.ts";
import { Device, DeviceDetail, list, Membership, Observation, Status } from "../shape.ts";

const Id = z.object({ id: z.string().max(64) });
const Query = z.strictObject({
  site: z.string().max(64).optional(),
  q: z.string().max(200).optional(),
  status: Status.optional(),
  clause: z.string().max(16).optional(),
  level: z.enum(["0", "1", "2", "3", "none"]).optional(),
  membership: Membership.optional(),
  cursor: z.string().max(4096).optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
});
const text = (max: number) => z.string().trim().max(max).nullable().optional();
const Change = z.strictObject({
  name: text(120),
  location: text(200),
  owner: text(120),
  tags: z.array(z.string().trim().min(1).max(60)).max(50).optional(),
  membership: Membership.optional(),
  /** Why the membership is to be another than the rule says. */
  reason: z.string().trim().min(1).max(500).optional(),
});

type Observed = z.infer<typeof Observation>;

async function detailOf(cx: ApiContext, actor: Actor, id: string) {
  const { device } = await knownDevice(cx, actor, id, undefined);
  const [summary] = await readSummaries(cx.store, actor.tenant, { sites: [device.site], devices: [device.device], limit: 1 });
  if (summary === undefined) throw new ProblemError(404, `device: ${id} is not known here`, "id");
  return { device, summary };
}

export const deviceRoutes: Routes = (app, cx) => {
  app.get(
    "/api/v1/devices",
    { config: { access: "viewer" }, schema: { summary: "Devices of the fleet", querystring: Query, response: { 200: list(Device) } } },
    async (request) => {
      const actor = actorOf(request);
      const { site, q, status, clause, level, membership, cursor, limit } = request.query;
      const sites = visibleSites(actor, site);
      const after = cursor === undefined ? null : decodeCursor(cursor, 2);
      for (const each of sites ?? cx.services.log.view.list(actor.tenant, "site").map((s) => s.id)) cx.onRead(actor.tenant, each);
      const rows = await readSummaries(cx.store, actor.tenant, {
        limit: limit + 1,
        ...(sites === null ? {} : { sites }),
        ...(q === undefined ? {} : { q }),
        ...(status === undefined ? {} : { status }),
        ...(clause === undefined ? {} : { clause }),
        ...(level === undefined ? {} : { level: level === "none" ? null : Number(level) }),
        ...(membership === undefined ? {} : { membership }),
        ...(after === null ? {} : { after: { site: String(after[0]), device: String(after[1]) } }),
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
      config: { access: "viewer" },
      schema: { summary: "A device, and how we know what it is", params: Id, response: { 200: DeviceDetail } },
    },
    async (request) => {
      const actor = actorOf(request);
      const { device, summary } = await detailOf(cx, actor, request.params.id);
      return deviceDetailShape(actor.tenant, summary, device);
    },
  );

  app.patch(
    "/api/v1/devices/:id",
    {
      config: { access: "verb" },
      schema: {
        summary: "Name it, place it, say whether it counts",
        params: Id,
        body: Change,
        response: { 202: z.object({ device: z.string() }) },
      },
    },
    async (request, reply) => {
      const actor = actorOf(request);
      const { device } = await knownDevice(cx, actor, request.params.id, undefined);
      const { membership, reason, ...said } = request.body;
      const place = { site: device.site, device: device.device };
      if (membership !== undefined) {
        if (reason === undefined) throw new ProblemError(400, "reason: say why the membership is another than the rule's", "reason");
        await perform(VERBS.setMembership, cx.services, actor, { ...place, membership, reason });
      }
      const named = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
      if (Object.keys(named).length > 0) await perform(VERBS.setName, cx.services, actor, { ...place, ...named });
      // The decision stands; screens show it once it is derived.
      return reply.code(202).send({ device: device.device });
    },
  );

  app.post(
    "/api/v1/devices/:id/check",
    {
      config: { access: "verb" },
      schema: { summary: "Probe it again now", params: Id, response: { 202: z.object({ tasks: z.array(z.string()) }) } },
    },
    async (request, reply) => {
      const actor = actorOf(request);
      const { device, summary } = await detailOf(cx, actor, request.params.id);
      const detail = deviceDetailShape(actor.tenant, summary, device);
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
      const { tasks } = await perform(VERBS.checkDevice, cx.services, actor, { site: device.site, looks });
      return reply.code(202).send({ tasks: [...tasks] });
    },
  );

  app.get(
    "/api/v1/devices/:id/observations",
    {
      config: { access: "viewer" },
      schema: {
        summary: "What was seen of it lately; with id, one observation with its raw evidence",
        params: Id,
        querystring: z.strictObject({
          id: z.string().max(200).optional(),
          cursor: z.string().max(4096).optional(),
          limit: z.coerce.number().int().min(1).max(500).default(100),
        }),
        response: { 200: list(Observation) },
      },
    },
    async (request) => {
      const actor = actorOf(request);
      const { device, summary } = await detailOf(cx, actor, request.params.id);
      const { id, cursor, limit } = request.query;
      if (id !== undefined) {
        const [agent = "", epoch = "", seq = ""] = id.split("/");
        const found: Observed[] = (
          await readObservation(cx.store, actor.tenant, { site: device.site, agent, epoch, seq: Number(seq) || 0 })
        ).map(viewObservation);
        if (found.length > 0) return { items: found, nextCursor: null };
        // The raw row may have expired; what a verdict cites is kept.
        const kept = (await readEvidence(cx.store, actor.tenant, device.site, [id])).get(id);
        if (kept === undefined) throw new ProblemError(404, `id: observation ${id} is not known here`, "id");
        return { items: [JSON.parse(kept) as Observed], nextCursor: null };
      }
      const detail = deviceDetailShape(actor.tenant, summary, device);
      const before = cursor === undefined ? null : decodeCursor(cursor, 2);
      const rows = await readObservationList(cx.store, actor.tenant, device.site, {
        addresses: [...new Set([...detail.addresses, ...detail.endpoints.map((e) => e.address)])],
        bssids: detail.bss,
        limit: limit + 1,
        ...(before === null ? {} : { before: { storedAt: Number(before[0]), key: String(before[1]) } }),
      });
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return {
        items: page.map((o): Observed => ({ ...viewObservation(o) })),
        nextCursor:
          rows.length > limit && last !== undefined
            ? encodeCursor([last.storedAt, `${last.row.agent}/${last.row.epoch}/${last.row.seq}`])
            : null,
      };
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
