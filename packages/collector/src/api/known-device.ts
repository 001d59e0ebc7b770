/** A device by its id, as it was known at a time. */
import { type Actor, allows } from "../service/actor.ts";
import { type RecordedDevice, readDevice, readSummaries } from "../store/index.ts";
import type { ApiContext } from "./context.ts";
import { deviceDetailShape } from "./device-shape.ts";
import { knownAtOf } from "./known-at.ts";
import { ProblemError } from "./problem.ts";
import type { DeviceDetail } from "./shape.ts";

export interface Known {
  readonly device: RecordedDevice;
  /** ms; the value that was used. */
  readonly knownAt: number;
}

/** More would be a circle. */
const MAX_HOPS = 16;

/**
 * The device under this id as it was known then (ms; absent: now): an id that lost in a merge by then leads to the one that bears the group.
 * @throws ProblemError 404 where it is not there or at a site that the actor may not see, which are not told apart
 */
export async function knownDevice(cx: ApiContext, actor: Actor, id: string, asked?: number): Promise<Known> {
  const unknown = () => new ProblemError(404, `device: ${id} is not known here`, "id");
  const now = await readDevice(cx.store, actor.tenant, id);
  if (now === null || !allows(actor, "viewer", now.site)) throw unknown();
  const knownAt = await knownAtOf(cx, actor.tenant, now.site, asked);
  let device = await readDevice(cx.store, actor.tenant, id, knownAt);
  for (let hops = 0; device !== null && device.aliasOf !== "" && hops < MAX_HOPS; hops++) {
    device = await readDevice(cx.store, actor.tenant, device.aliasOf, knownAt);
  }
  if (device === null || device.gone || !allows(actor, "viewer", device.site)) throw unknown();
  return { device, knownAt };
}

/** The device as it is now, in full. @throws ProblemError 404 */
export async function deviceDetail(cx: ApiContext, actor: Actor, id: string): Promise<DeviceDetail> {
  const { device } = await knownDevice(cx, actor, id);
  const [summary] = await readSummaries(cx.store, actor.tenant, { sites: [device.site], devices: [device.device], limit: 1 });
  if (summary === undefined) throw new ProblemError(404, `device: ${id} is not known here`, "id");
  return deviceDetailShape(actor.tenant, summary, device);
}
