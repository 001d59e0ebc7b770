/** Agents that are online: changes whose events are waited for on the live feed, among confirmations that only load. */
import { setTimeout as sleep } from "node:timers/promises";
import { type JetStreamClient, jetstream } from "@nats-io/jetstream";
import { type AgentAddress, observationSubject } from "@vedette/proto";
import {
  batchOf,
  confirmation,
  httpObservation,
  newEpoch,
  type ObservationInit,
  portsObservation,
  streamObservation,
  type World,
  waitFor,
} from "../kit/index.ts";

export interface LiveOptions {
  /** One agent in each. */
  readonly sites: readonly string[];
  /** Per second, over all. */
  readonly changes: number;
  /** Per second, over all. */
  readonly confirmations: number;
}

/** One change, from the observation to its event on the live feed; infinite where it did not come. */
export interface Seen {
  /** Wall clock of the observation, ms. */
  readonly at: number;
  readonly lagMs: number;
}

const DEVICES = 5;
const STREAM_PORT = 554;
const FIRST_WEB_PORT = 8_000;
const LATE_MS = 30_000;
const SECOND_MS = 1_000;

function subject(address: string, port: number) {
  return { kind: { case: "endpoint" as const, value: { address, transport: "tcp", port } } };
}

/** What one agent says: its devices' streams open and close in turn, everything else stays as it is. */
class LiveAgent {
  readonly #address: AgentAddress;
  readonly #network: number;
  readonly #stream: JetStreamClient;
  readonly #epoch = newEpoch();
  #seq = 0;
  #looks = 0;

  constructor(address: AgentAddress, network: number, stream: JetStreamClient) {
    this.#address = address;
    this.#network = network;
    this.#stream = stream;
  }

  #host(device: number): string {
    return `127.45.${this.#network}.${device + 1}`;
  }

  async #publish(observations: readonly ObservationInit[]): Promise<void> {
    const numbered = observations.map((o, i) => ({ ...o, seq: this.#seq + 1 + i }));
    this.#seq += observations.length;
    const { bytes, headers } = batchOf(this.#epoch, numbered, { offsetMs: 0 });
    await this.#stream.publish(observationSubject(this.#address), bytes, { headers });
  }

  /** The first looks at everything, and so the facts that it confirms from then on: what comes after them is a change. */
  async begin(endpoints: number, changeMs: () => number): Promise<void> {
    const web = this.#web(endpoints);
    const ports = Array.from({ length: DEVICES }, (_, device) => {
      const address = this.#host(device);
      const open = [STREAM_PORT, ...web.filter((w) => w.address === address).map((w) => w.port)];
      return portsObservation({ address, list: "common", covered: open, open: open.map((port) => ({ port })) });
    });
    await this.#publish([...web.map(({ address, port }) => ({ ...httpObservation(0), subject: subject(address, port) })), ...ports]);
    for (let device = 0; device < DEVICES; device++) await this.change(changeMs());
  }

  async confirm(endpoints: number): Promise<void> {
    const again = this.#web(endpoints).map(({ address, port }, i) => ({
      ...confirmation(0, { epoch: this.#epoch, seq: i + 1 }),
      subject: subject(address, port),
    }));
    if (again.length > 0) await this.#publish(again);
  }

  #web(endpoints: number): { address: string; port: number }[] {
    return Array.from({ length: endpoints }, (_, i) => ({ address: this.#host(i % DEVICES), port: FIRST_WEB_PORT + i }));
  }

  async change(wallMs: number): Promise<void> {
    const look = this.#looks++;
    const open = Math.floor(look / DEVICES) % 2 === 1;
    const { draft } = streamObservation({ mark: String(look), address: this.#host(look % DEVICES), open, wallMs });
    await this.#publish([draft]);
  }
}

/** Runs until `ends`, then waits for the events of the last changes. */
export async function live(centre: World, { sites, changes, confirmations }: LiveOptions, ends: AbortSignal): Promise<Seen[]> {
  const connections = await Promise.all(sites.map((site) => centre.connectAgent({ tenant: centre.tenant, site, agent: site })));
  const agents = connections.map((c, i) => {
    const site = sites[i] ?? "";
    return new LiveAgent({ tenant: centre.tenant, site, agent: site }, 20 + i, jetstream(c));
  });
  const feed = await centre.api.live();
  const arrived = new Map<number, number>();
  let read = 0;
  const watch = setInterval(() => {
    for (const event of feed.events.slice(read)) {
      read += 1;
      const at = Date.parse(event.time);
      if (!arrived.has(at)) arrived.set(at, Date.now());
    }
  }, 5);
  // An event is known by the moment of its observation: no two changes share one.
  let last = 0;
  const changeMs = () => {
    last = Math.max(Date.now(), last + 1);
    return last;
  };
  const endpoints = Math.round(confirmations / agents.length);
  const told: number[] = [];
  try {
    await Promise.all(agents.map((agent) => agent.begin(endpoints, changeMs)));
    const load = Promise.all(agents.map((agent, i) => confirming(agent, endpoints, (i * SECOND_MS) / agents.length, ends)));
    for (let n = 0; !ends.aborted; n++) {
      const at = changeMs();
      await agents[n % agents.length]?.change(at);
      told.push(at);
      await sleep(Math.max(0, SECOND_MS / changes - (Date.now() - at)));
    }
    await load;
    await waitFor("the events", () => told.every((at) => arrived.has(at)), LATE_MS, 100).catch(() => undefined);
    return told.map((at) => ({ at, lagMs: (arrived.get(at) ?? Number.POSITIVE_INFINITY) - at }));
  } finally {
    clearInterval(watch);
    feed.close();
    await Promise.all(connections.map((connection) => connection.close()));
  }
}

async function confirming(agent: LiveAgent, endpoints: number, phaseMs: number, ends: AbortSignal): Promise<void> {
  await sleep(phaseMs);
  while (!ends.aborted) {
    const began = Date.now();
    await agent.confirm(endpoints);
    await sleep(Math.max(0, SECOND_MS - (Date.now() - began)));
  }
}
