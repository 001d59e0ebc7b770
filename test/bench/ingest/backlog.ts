/** What many quiet agents, or many changing ones, have left in the stream while nobody took it. */
import { jetstream } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { type AgentAddress, observationSubject } from "@vedette/proto";
import { batchOf, confirmation, httpObservation, newEpoch, type SentBatch, type World } from "../../kit/index.ts";

export interface BacklogOptions {
  readonly sites: number;
  readonly observations: number;
  readonly perMessage: number;
  /** Of 100 observations so many only confirm. */
  readonly confirmations: number;
}

export interface Sent {
  readonly address: AgentAddress;
  readonly batch: SentBatch;
}

/** Endpoints that an agent looks at. */
const ENDPOINTS = 100;
const IN_FLIGHT = 256;

interface Base {
  readonly seq: number;
  readonly status: number;
}

/** Batches of one agent; endless. Facts come first, as an agent tells them, then what only confirms them. */
function* agentBatches(o: BacklogOptions, from: number): Generator<SentBatch> {
  const epoch = newEpoch();
  const bases = new Map<number, Base>();
  for (let seq = 1; ; ) {
    const observations = [];
    for (let i = 0; i < o.perMessage; i++, seq++) {
      const endpoint = seq % ENDPOINTS;
      const base = bases.get(endpoint);
      const subject = { kind: { case: "endpoint" as const, value: { address: `127.45.1.${endpoint + 1}`, transport: "tcp", port: 80 } } };
      const wallMs = from + seq;
      if (base !== undefined && seq % 100 < o.confirmations) {
        observations.push({ ...confirmation(seq, { epoch, ...base }, wallMs), subject });
        continue;
      }
      const status = 200 + (seq % 300);
      bases.set(endpoint, { seq, status });
      observations.push({ ...httpObservation(seq, status, wallMs), subject });
    }
    yield batchOf(epoch, observations);
  }
}

/** Agents take turns, as they do in a stream. */
export function makeBacklog(tenant: string, o: BacklogOptions): Sent[] {
  const from = Date.now() - o.observations;
  const agents = Array.from({ length: o.sites }, (_, i) => ({
    address: { tenant, site: `bench-${i + 1}`, agent: `bench-${i + 1}` },
    batches: agentBatches(o, from),
  }));
  const sent: Sent[] = [];
  for (let n = 0; n < Math.ceil(o.observations / o.perMessage); n++) {
    const agent = agents[n % agents.length];
    const batch = agent?.batches.next().value;
    if (agent !== undefined && batch !== undefined) sent.push({ address: agent.address, batch });
  }
  return sent;
}

/** As one agent a site would; resolves when the broker has all of it. */
export async function publishBacklog(centre: World, backlog: readonly Sent[]): Promise<void> {
  const connections = new Map<string, NatsConnection>();
  for (const { address } of backlog) {
    if (!connections.has(address.agent)) connections.set(address.agent, await centre.connectAgent(address));
  }
  const streams = new Map([...connections].map(([agent, connection]) => [agent, jetstream(connection)]));
  const all = backlog.values();
  const publish = async () => {
    for (const { address, batch } of all)
      await streams.get(address.agent)?.publish(observationSubject(address), batch.bytes, { headers: batch.headers });
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, publish));
  await Promise.all([...connections.values()].map((connection) => connection.close()));
}
