import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type AgentFigures, LISTED } from "./agent-metrics.ts";
import { createMetrics } from "./metrics.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../../docs/metrics.md"), "utf8");

function agent(id: string, oldestUnreceiptedMs: number, online = true): AgentFigures {
  const report = {
    agentVersion: "0.1.0",
    epoch: "",
    outboxDepth: 7,
    outboxBytes: 4_096,
    oldestUnreceiptedMs,
    policyVersion: 1,
    hostsKnown: 0,
    endpointsKnown: 0,
    tasksDue: 0,
    residentKib: 0,
    clockOffsetMs: -1_500,
  };
  return { identity: { tenant: "t", site: "s", agent: id }, online, since: 0, lastHeardAt: 1_000, report };
}

/** Metric names as an operator's queries name them: counters end in _total. */
async function names(): Promise<string[]> {
  const { text } = await createMetrics().text();
  return [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)]
    .map(([, name = "", type]) => (type === "counter" ? `${name.replace(/_total$/, "")}_total` : name))
    .sort();
}

describe("metrics", () => {
  it("all stand on the page, and the page names no others", async () => {
    const rows = PAGE.split("\n").filter((line) => line.startsWith("| `vedette_"));
    const told = rows.flatMap((line) => [...(line.split("|")[1] ?? "").matchAll(/`(vedette_[a-z_]+)/g)].map((m) => m[1] ?? ""));
    expect(told.sort()).toEqual(await names());
  });

  it("say on the page what to do", () => {
    const rows = PAGE.split("\n").filter((line) => line.startsWith("| `vedette_"));
    expect(rows.filter((line) => (line.split("|")[3] ?? "").trim() === "")).toEqual([]);
  });

  it("say how an agent fares", async () => {
    const metrics = createMetrics();
    metrics.watchAgents(() => [agent("a", 2_500)]);
    const { text } = await metrics.text();
    const labels = '{tenant="t",site="s",agent="a"}';
    expect(text).toContain(`vedette_agent_oldest_unreceipted_seconds${labels} 2.5`);
    expect(text).toContain(`vedette_agent_outbox_observations${labels} 7`);
    expect(text).toContain(`vedette_agent_outbox_bytes${labels} 4096`);
    expect(text).toContain(`vedette_agent_clock_offset_seconds${labels} -1.5`);
  });

  it("name no more agents than are listed, and the worst of them", async () => {
    const metrics = createMetrics();
    const fleet = Array.from({ length: LISTED + 30 }, (_, i) => agent(`a${i}`, i));
    metrics.watchAgents(() => [...fleet, agent("silent", 0, false)]);
    const { text } = await metrics.text();
    expect(text.match(/^vedette_agent_online\{/gm)).toHaveLength(LISTED);
    expect(text).toContain('vedette_agent_online{tenant="t",site="s",agent="silent"} 0');
    expect(text).not.toContain('agent="a0"');
    expect(text).toMatch(/^vedette_agents_unlisted 31$/m);
  });

  it("count receipts, inserts and reconnects, and show what the store says", async () => {
    const metrics = createMetrics();
    metrics.ingest.receiptSent?.("t");
    metrics.ingest.insertConfirmed?.(30);
    metrics.reconnected();
    metrics.watchStore(async () => ({
      quarantined: new Map([["t", 2]]),
      storedThrough: new Map([[5, 7_000]]),
      givenUp: new Map([["t", 9]]),
    }));
    const { text } = await metrics.text();
    expect(text).toContain('vedette_receipts_total{tenant="t"} 1');
    expect(text).toContain('vedette_insert_seconds_bucket{le="0.05"} 1');
    expect(text).toMatch(/^vedette_nats_reconnects_total 1$/m);
    expect(text).toContain('vedette_quarantined{tenant="t"} 2');
    expect(text).toContain('vedette_observations_given_up{tenant="t"} 9');
    expect(text).toContain('vedette_bucket_stored_timestamp_seconds{bucket="5"} 7');
  });

  it("are answered without figures of the store while it cannot be asked", async () => {
    const metrics = createMetrics();
    metrics.watchStore(async () => null);
    expect((await metrics.text()).text).not.toMatch(/^vedette_quarantined\{/m);
  });
});
