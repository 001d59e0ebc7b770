/** A device by its id, as it was known at a time. */
import { type Actor, allows } from "../service/actor.ts";
import { type RecordedDevice, readDevice } from "../store/index.ts";
import type { ApiContext } from "./context.ts";
import { knownAtOf } from "./known-at.ts";
import { ProblemError } from "./problem.ts";

export interface Known {
  readonly device: RecordedDevice;
  /** ms; the value that was used. */
  readonly knownAt: number;
}

/** The device under this id as it was known then: an id that lost in a merge by then leads to the one that bears the group. */
export async function knownDevice(cx: ApiContext, actor: Actor, id: string, asked: string | undefined): Promise<Known> {
  const unknown = () => new ProblemError(404, `device: ${id} is not known here`, "id");
  const now = await readDevice(cx.store, actor.tenant, id);
  if (now === null || !allows(actor, "viewer", now.site)) throw unknown();
  const knownAt = await knownAtOf(cx, actor.tenant, now.site, asked);
  let device = await readDevice(cx.store, actor.tenant, id, knownAt);
  for (let hops = 0; device !== null && device.aliasOf !== "" && hops < 16; hops++) {
    device = await readDevice(cx.store, actor.tenant, device.aliasOf, knownAt);
  }
  if (device === null || device.gone) throw unknown();
  return { device, knownAt };
}
