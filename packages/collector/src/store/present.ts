/** What is believed now of one site, read into memory: where deriving goes on after a start. */
import type { BeliefRow, BssRow, DeviceRow, EventRow, IdentifierRow, StateRow, SummaryRow } from "../derive/row.ts";
import { NO_ROWS } from "../derive/row.ts";
import { applyRows, NOTHING_STORED, type StoredPresent } from "../derive/stored.ts";
import type { Store } from "./client.ts";
import { IN_ERA, IN_NEWEST_ERA } from "./era.ts";
import { fromWire } from "./time.ts";

const SITE = "tenant = {tenant:String} AND site = {site:String}";

interface Columns {
  readonly table: string;
  readonly key: string;
  readonly columns: string;
}

const BELIEF = {
  table: "belief",
  key: "device, clause, `from`",
  columns: "tenant, site, device, clause, `from`, status, basis, code, parameters, evidence, observed_at, rule_version, cause, initial",
};
const DEVICE = { table: "device", key: "device", columns: "tenant, site, device, founding, alias_of, gone, body" };
const IDENTIFIER = {
  table: "identifier",
  key: "kind, value, device",
  columns: "tenant, site, kind, value, device, joins, cloned, first_seen_at, observation, gone",
};
const EVENT = { table: "event", key: "id", columns: "tenant, site, id, device, kind, clause, at, key, revises, body" };
const STATE = "tenant, site, device, clause, status, basis, code, parameters, since, observed_at, gone";
const SUMMARY =
  "tenant, site, device, name, class, membership, vendor, model, firmware, addresses, failing, proven, possible, status, first_seen_at, last_seen_at, vanished_at, body, gone";
const BSS = "tenant, site, bssid, ssid, device, facts, observed_at, gone";

/** The newest version of each key, of history. */
function newest<Row>(store: Store, c: Columns, parameters: { tenant: string; site: string }): Promise<Row[]> {
  return store.query<Row>(
    `SELECT ${c.columns} FROM (SELECT * FROM ${c.table} WHERE ${SITE} AND ${IN_ERA} ORDER BY ${c.key}, recorded_at DESC, era DESC, seq DESC LIMIT 1 BY ${c.key})`,
    parameters,
  );
}

function present<Row>(store: Store, table: string, columns: string, parameters: { tenant: string; site: string }): Promise<Row[]> {
  return store.query<Row>(`SELECT ${columns} FROM ${table} FINAL WHERE ${SITE} AND ${IN_NEWEST_ERA}`, parameters);
}

/**
 * @param withCurrent false: leave out state, summary and bss, as a new era does, which writes them whole
 */
export async function readPresent(store: Store, tenant: string, site: string, withCurrent: boolean): Promise<StoredPresent> {
  const at = { tenant, site };
  const [belief, device, identifier, event, evidence, foundings] = await Promise.all([
    newest<BeliefRow>(store, BELIEF, at),
    newest<DeviceRow>(store, DEVICE, at),
    newest<IdentifierRow>(store, IDENTIFIER, at),
    newest<EventRow>(store, EVENT, at),
    store.query<{ observation: string }>(`SELECT DISTINCT observation FROM evidence WHERE ${SITE}`, at),
    store.query<{ device: string; recorded: string }>(
      `SELECT device, min(recorded_at) AS recorded FROM device WHERE ${SITE} AND ${IN_ERA} GROUP BY device`,
      at,
    ),
  ]);
  const [state, summary, bss] = withCurrent
    ? await Promise.all([
        present<StateRow>(store, "state", STATE, at),
        present<SummaryRow>(store, "summary", SUMMARY, at),
        present<BssRow>(store, "bss", BSS, at),
      ])
    : [[], [], []];
  const rows = { ...NO_ROWS, belief, device, identifier, event, state, summary, bss };
  const stored = applyRows(NOTHING_STORED, rows, 0);
  const recorded = new Map(foundings.map((f) => [f.device, fromWire(f.recorded)]));
  return {
    ...stored,
    devices: new Map([...stored.devices].map(([id, d]) => [id, { ...d, recordedAt: recorded.get(id) ?? 0 }])),
    evidence: new Set(evidence.map((e) => e.observation)),
  };
}
