/** Decisions, one chain per tenant: the table behind document/. */
import type { ChainedDocument } from "../document/chain.ts";
import type { DocumentStore } from "../document/types.ts";
import type { Store } from "./client.ts";
import { fromWire, toWire } from "./time.ts";

interface Row extends Omit<ChainedDocument, "decidedAt" | "encoded"> {
  readonly decided_at: string;
  /** base64 */
  readonly encoded: string;
}

function toRow({ decidedAt, encoded, ...document }: ChainedDocument): Row {
  return { ...document, decided_at: toWire(decidedAt), encoded: Buffer.from(encoded).toString("base64") };
}

function fromRow({ decided_at, encoded, ...row }: Row): ChainedDocument {
  return { ...row, decidedAt: fromWire(decided_at), encoded: Buffer.from(encoded, "base64") };
}

export function documentStore(store: Store): DocumentStore {
  return {
    insert: (documents) => store.insert("document", documents.map(toRow)),
    async after(tenant, after) {
      // Two hashes under one seq are a fork: both are given, and the chain's check says so.
      const sql = `SELECT * FROM document WHERE tenant = {tenant:String} AND seq > {after:UInt32} ORDER BY seq, hash LIMIT 1 BY seq, hash`;
      return (await store.query<Row>(sql, { tenant, after })).map(fromRow);
    },
    async heads() {
      const rows = await store.query<{ tenant: string; last: number }>("SELECT tenant, max(seq) AS last FROM document GROUP BY tenant");
      return new Map(rows.map((row) => [row.tenant, row.last]));
    },
  };
}
