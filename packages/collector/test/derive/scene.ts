/** Stories of a few cameras, for property tests: what an agent could have told, in every mixture. */

import type { StoredObservation } from "../../src/derive/types.ts";
import { type CameraForm, certificate, Recorder, sha256, T0, watch } from "./recorder.ts";

export const CAMERAS: readonly CameraForm[] = [
  { address: "198.18.0.5", uuid: "2fac1234-31f8-11b4-a222-08002b34c003", serial: "SN-1111" },
  { address: "198.18.0.6", uuid: "aaac1234-31f8-11b4-a222-08002b34c111", serial: "SN-2222" },
  { address: "198.18.0.7", uuid: "bbac1234-31f8-11b4-a222-08002b34c222", link: "00:40:8c:12:34:56" },
];

/** All that may happen: to a camera, to what an agent keeps, to the agent itself. */
export const HAPPENINGS = [
  "watch",
  "move",
  "replace",
  "miss",
  "telnet",
  "telnet-closes",
  "old-tls",
  "certificate",
  "byebye",
  "return",
  "clone",
  "snmp",
  "radio",
  "gap",
  "epoch",
  "twin",
  "alive",
  "alive-rarely",
] as const;
export type Happening = (typeof HAPPENINGS)[number];

export interface Scene {
  readonly looks: readonly { readonly camera: number; readonly what: Happening; readonly gapMs: number }[];
  readonly agents: number;
  /** The agents are one and a copy of its disk: each writes an epoch of its own under one name. */
  readonly copied: boolean;
  readonly delayMs: readonly number[];
}

interface State {
  form: CameraForm;
  readonly open: (number | [number, string])[];
  readonly versions: number[];
}

/** An agent over all of its epochs. */
class Teller {
  readonly recorders: Recorder[];
  constructor(agent: string, epoch: string, createdAt: number) {
    this.recorders = [new Recorder(agent, epoch, createdAt)];
  }

  get recorder(): Recorder {
    return this.recorders.at(-1) as Recorder;
  }

  /** Its outbox was set aside and another begun: everything is told anew, from 1 on. */
  renew(at: number): void {
    const { agent, epoch } = this.recorder;
    this.recorders.push(new Recorder(agent, `${epoch}-${this.recorders.length}`, T0 + at));
  }

  /** Its last seq is borne by something else as well, as when two agents write one epoch. */
  twin(): void {
    const last = this.recorder.observations.at(-1);
    if (last !== undefined)
      this.recorder.observations.push({ ...last, contentHash: `twin of ${last.contentHash}`, outcome: "undetermined" });
  }
}

function play(teller: Teller, state: State, what: Happening, at: number): void {
  const { form, open, versions } = state;
  const r = teller.recorder;
  const ports = open.map((p) => (typeof p === "number" ? p : p[0]));
  switch (what) {
    case "move":
      state.form = { ...form, address: form.address === "198.18.0.5" ? "198.18.0.20" : "198.18.0.5" };
      break;
    case "replace":
      // Another unit of the model is put in its place.
      state.form = {
        ...form,
        uuid: form.uuid.replace(/^..../, "cccc"),
        ...(form.serial === undefined ? {} : { serial: `${form.serial}-2` }),
      };
      break;
    case "miss":
      r.ports(at, form.address, "presence", [], ports);
      return;
    case "telnet":
      open.push([23, "telnet"]);
      break;
    case "telnet-closes":
      open.splice(0, Number.POSITIVE_INFINITY, ...open.filter((port) => typeof port === "number"));
      break;
    case "old-tls":
      versions.unshift(769);
      break;
    case "certificate":
      r.leaf(at, form.address, 443, certificate(`at ${at}`));
      return;
    case "byebye":
      r.notify(at, form.address, "ssdp:byebye", form.uuid);
      return;
    case "clone":
      r.describe(at, "198.18.0.30", { uuid: form.uuid, ...(form.serial === undefined ? {} : { serial: form.serial }) });
      return;
    case "radio":
      r.beacon(at, { bssid: form.link ?? "00:40:8c:99:99:99", ssid: "cctv" }, at % 2 === 0 ? "00-0F-AC:4" : "00-0F-AC:2");
      return;
    case "epoch":
      teller.renew(at);
      break;
    case "twin":
      teller.twin();
      return;
    case "alive":
      r.alive(at, 15_000);
      return;
    case "alive-rarely":
      r.alive(at, 60_000);
      return;
    case "gap":
      r.tell(at, {
        probe: "agent.gap",
        address: "",
        facts: { reason: "size", epoch: "e0", ranges: [{ first: at, last: at }], confirmations: 1, outcomes: 0, changes: 0 },
      });
      return;
    case "snmp":
      r.tell(at, {
        probe: "snmp.system",
        address: form.address,
        endpoint: "udp/161",
        facts: {
          description: "Network Camera",
          objectId: "1.3.6.1.4.1.368.1",
          name: "cam",
          location: "",
          contact: "",
          engineId: "80001f8880aabbccdd11223344",
          interfaces: [],
          community: "public",
          version: "v2c",
        },
      });
      return;
  }
  watch(teller.recorder, state.form, at, at + 1, { open, versions });
}

export function sceneOf(scene: Scene): StoredObservation[] {
  const tellers = Array.from({ length: scene.agents }, (_, i) => new Teller(scene.copied ? "a1" : `a${i + 1}`, `e${i + 1}`, T0 - 1000 + i));
  const states = CAMERAS.map((form): State => ({ form, open: [80, 443, 49152], versions: [771, 772] }));
  let at = 0;
  scene.looks.forEach(({ camera, what, gapMs }, i) => {
    at += gapMs;
    play(tellers[i % tellers.length] as Teller, states[camera] as State, what, at);
  });
  const told = tellers.flatMap(({ recorders }) => recorders.flatMap((r) => r.observations));
  return told.map((o, i) => ({
    ...o,
    storedAt: o.wallAt + (scene.delayMs[i % scene.delayMs.length] as number),
    contentHash: sha256(o.contentHash),
  }));
}
