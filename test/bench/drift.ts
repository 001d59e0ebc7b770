/** From a change on a device that says so by SSDP to its event on the live feed, beside what the signal itself takes to be heard. */
import { randomUUID } from "node:crypto";
import { createSocket } from "node:dgram";
import type { Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { CLAUSE, freeBind, kindOf, type LiveFrames, type RestApi, type RunningUp, removeFolder, startUp, waitFor } from "../kit/index.ts";
import type { RtspForm } from "../site/form.ts";
import { rtspServer } from "../site/protocol/rtsp.ts";
import { openSsdpVoice, type SsdpVoice } from "../site/protocol/ssdp.ts";
import { percentile, percentiles } from "./figure.ts";
import { type BenchReport, benchReport } from "./report.ts";

export interface BenchDriftOptions {
  /** Default 60. */
  readonly drifts?: number;
  /** Progress, a line at a time. */
  readonly say?: (line: string) => void;
}

const CAMERAS = 5;
const GROUP = "239.255.255.250";
const SSDP_PORT = 1900;
const RTSP_PORT = 554;
/** Each device rests five times as long, so that no change meets the look at the one before. */
const PACE_MS = 1_000;
const KNOWN_MS = 120_000;
const EVENT_MS = 30_000;
const FIRST_EVENT_MS = 5_000;
/** A stream that opens is a change for the worse, one that closes is not. */
const KINDS: ReadonlySet<string> = new Set(["drift", "transition"]);

const FORM: RtspForm = {
  kind: "rtsp",
  ports: [RTSP_PORT],
  server: "bench",
  authentication: "digest",
  realm: "bench",
  paths: ["/stream1", "/live", "/"],
  sessionName: "bench",
  audio: false,
};

class Camera {
  readonly address: string;
  readonly #server: Server;
  readonly #udn = randomUUID();
  #voice: SsdpVoice | null = null;
  #bootId = 1;
  /** At first, so that its verdict is one with evidence and shows when the stream was looked at. */
  #open = true;

  constructor(address: string) {
    this.address = address;
    this.#server = rtspServer(() => ({ ...FORM, authentication: this.#open ? "none" : "digest" }));
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(RTSP_PORT, this.address, resolve);
    });
    const device = () => ({
      udn: this.#udn,
      server: "bench UPnP/2.0",
      types: [],
      location: `http://${this.address}:80/description.xml`,
      bootId: this.#bootId,
    });
    this.#voice = await openSsdpVoice(this.address, device, Math.random, Date.now);
    await this.announce();
  }

  async announce(): Promise<void> {
    await this.#voice?.notify("ssdp:alive");
  }

  /** The stream opens or closes, and the camera says that it has started anew. ms since 1970. */
  async change(): Promise<{ readonly at: number; readonly bootId: number }> {
    this.#open = !this.#open;
    this.#bootId += 1;
    const at = Date.now();
    await this.announce();
    return { at, bootId: this.#bootId };
  }

  async stop(): Promise<void> {
    await this.#voice?.close();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

/** When each announcement was first heard, by "address bootId": what any listener has to wait for. */
async function listener(): Promise<{ readonly heard: ReadonlyMap<string, number>; close(): Promise<void> }> {
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  const heard = new Map<string, number>();
  socket.on("message", (bytes, from) => {
    const bootId = /^BOOTID\.UPNP\.ORG: (\d+)/m.exec(bytes.toString("latin1"))?.[1];
    const key = `${from.address} ${bootId}`;
    if (bootId !== undefined && !heard.has(key)) heard.set(key, Date.now());
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(SSDP_PORT, GROUP, resolve);
  });
  socket.addMembership(GROUP, "127.0.0.1");
  return { heard, close: () => new Promise((resolve) => socket.close(() => resolve())) };
}

/** @throws where ports below 1024 may not be used, or the site is not known in time */
export async function benchDrift({ drifts = 60, say = () => {} }: BenchDriftOptions = {}): Promise<BenchReport> {
  const network = freeBind().replace(/\.0\/24$/, "");
  const cameras = Array.from({ length: CAMERAS }, (_, i) => new Camera(`${network}.${9 + i}`));
  const ear = await listener();
  let up: RunningUp | null = null;
  try {
    for (const camera of cameras) await camera.start();
    say("starting everything on a site of five cameras ...");
    up = await startUp({ scope: `${network}.8/29` });
    const ids = await known(up.api, cameras);
    const feed = await up.api.live();
    await Promise.all(cameras.map((camera) => assessed(feed, camera, ids.get(camera.address) ?? "")));
    const lags: number[] = [];
    const signals: number[] = [];
    const waiting: Promise<void>[] = [];
    say(`${drifts} changes ...`);
    for (let n = 0; n < drifts; n++) {
      const camera = cameras[n % cameras.length];
      if (camera === undefined) break;
      const { at, bootId } = await camera.change();
      waiting.push(
        arrival(feed, ids.get(camera.address) ?? "", at).then((arrived) => {
          lags.push(arrived - at);
          signals.push((ear.heard.get(`${camera.address} ${bootId}`) ?? Number.POSITIVE_INFINITY) - at);
        }),
      );
      await sleep(PACE_MS);
    }
    await Promise.all(waiting);
    feed.close();
    const figures = {
      drifts: lags.length,
      missed: lags.filter((ms) => !Number.isFinite(ms)).length,
      ...percentiles("event", lags),
      ...percentiles("signal", signals),
    };
    return benchReport("drift", figures, { p99Seconds: percentile(lags, 0.99) / 1_000 }, { p99Seconds: { op: "<=", value: 2 } });
  } finally {
    await up?.stop();
    if (up !== null) await removeFolder(up.data);
    await Promise.all(cameras.map((camera) => camera.stop()));
    await ear.close();
  }
}

/** Ids by address, as soon as the clause that will change is judged of every camera. */
async function known(api: RestApi, cameras: readonly Camera[]): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  await waitFor(
    "every camera's stream is judged",
    async () => {
      for (const device of await api.devices()) {
        const { verdicts } = await api.assessment(device.id);
        const judged = verdicts.some((v) => v.clause === CLAUSE && v.evidence.length > 0);
        for (const address of device.addresses) if (judged) ids.set(address, device.id);
      }
      if (cameras.every(({ address }) => ids.has(address))) return true;
      for (const camera of cameras) if (!ids.has(camera.address)) await camera.announce();
      return false;
    },
    KNOWN_MS,
    2_000,
  );
  return ids;
}

/** Changes until a change is told: what belongs to the first assessment is no event. */
async function assessed(feed: LiveFrames, camera: Camera, device: string): Promise<void> {
  for (const until = Date.now() + KNOWN_MS; Date.now() < until; ) {
    const { at } = await camera.change();
    if (Number.isFinite(await arrival(feed, device, at, FIRST_EVENT_MS))) return;
  }
  throw new Error(`${camera.address}: no change was told within ${KNOWN_MS / 1000} s`);
}

/** When the clause's next change of this device came, ms since 1970; infinite where it did not. */
async function arrival(feed: LiveFrames, device: string, at: number, withinMs = EVENT_MS): Promise<number> {
  const from = feed.events.length;
  const found = () =>
    feed.events
      .slice(from)
      .some((e) => KINDS.has(kindOf(e)) && e.data.device === device && e.data.clause === CLAUSE && Date.parse(e.time) >= at);
  return waitFor("the event", found, withinMs, 5).then(Date.now, () => Number.POSITIVE_INFINITY);
}
