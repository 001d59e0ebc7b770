/** A site under load: an agent that goes on telling changes and new hosts, and what must hold of it in the end. */
import { expect } from "vitest";
import { guardObservation } from "./batch.ts";
import { type Centre, type CollectorProcess, SITE, TENANT } from "./centre.ts";
import { OutboxAgent } from "./outbox-agent.ts";

const EVERY_MS = 400;
const HOSTS = 20;

export interface Load {
  readonly agent: OutboxAgent;
  stop(): void;
}

export async function startLoad(centre: Centre, name: string): Promise<Load> {
  const address = { tenant: TENANT, site: SITE, agent: name };
  const agent = new OutboxAgent(await centre.connectAgent(address), address);
  let n = 0;
  const timer = setInterval(() => {
    n += 1;
    agent.send([0, 1, 2, 3].map((i) => guardObservation(`198.18.1.${1 + ((n + i) % HOSTS)}`, (n + i) % 3 === 0)));
  }, EVERY_MS);
  return {
    agent,
    stop() {
      clearInterval(timer);
    },
  };
}

/** Every observation that was told is stored, once by key and content, and every host is one device. */
export async function expectWhole(centre: Centre, collector: CollectorProcess, agent: OutboxAgent): Promise<void> {
  const [stored] = await centre.store.query<{ seqs: number; contents: number; most: number }>(
    "SELECT uniqExact(seq) AS seqs, uniqExact(seq, content_hash) AS contents, max(seq) AS most FROM observation WHERE epoch = {epoch:String}",
    { epoch: agent.epoch },
  );
  expect([Number(stored?.seqs), Number(stored?.contents), stored?.most]).toEqual([agent.told, agent.told, agent.told]);
  const addresses = (await collector.api.devices()).flatMap((d) => d.addresses);
  expect([new Set(addresses).size, addresses.length]).toEqual([HOSTS, HOSTS]);
  const events = await collector.api.events();
  expect(new Set(events.map((e) => e.id)).size).toBe(events.length);
}

/** Assessments and timelines by path, each with its knownAt: to be asked again. */
export async function answersNow(collector: CollectorProcess): Promise<ReadonlyMap<string, string>> {
  const answers = new Map<string, string>();
  for (const { id } of await collector.api.devices()) {
    for (const what of ["assessment", "timeline"]) {
      const path = `/devices/${id}/${what}`;
      const { knownAt } = await collector.api.get<{ knownAt: string }>(path);
      const fixed = `${path}?knownAt=${knownAt}${what === "assessment" ? `&at=${knownAt}` : ""}`;
      answers.set(fixed, await collector.api.text(fixed));
    }
  }
  return answers;
}

export async function expectSame(collector: CollectorProcess, answers: ReadonlyMap<string, string>): Promise<void> {
  for (const [path, before] of answers) expect([path, await collector.api.text(path)]).toEqual([path, before]);
}

/** A decision of the API goes through and is on every collector's list. */
export async function decide(collector: CollectorProcess, others: readonly CollectorProcess[]): Promise<void> {
  const response = await fetch(`${collector.api.url}api/v1/enrolments`, {
    method: "POST",
    headers: { authorization: `Bearer ${collector.token}`, "content-type": "application/json" },
    body: JSON.stringify({ site: SITE }),
  });
  expect(response.status).toBe(201);
  const { id } = (await response.json()) as { id: string };
  for (const other of others) {
    await expect
      .poll(async () => (await other.api.get<{ items: { id: string }[] }>("/enrolments")).items.map((e) => e.id), { timeout: 35_000 })
      .toContain(id);
  }
}

export async function documentCount(centre: Centre): Promise<number> {
  const [row] = await centre.store.query<{ n: number }>("SELECT uniqExact(tenant, seq) AS n FROM document");
  return Number(row?.n);
}
