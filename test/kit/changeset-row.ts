/** Where buckets stand, written by a test: rows of changesets that are applied, and the end of an era. */
import { openEra, readEraMark, type Store } from "@vedette/collector/src/store/index.ts";

/** @param recordedAt ms; all stored by then is derived */
export function changesetRow(bucket: number, era: number, seq: number, recordedAt: number) {
  const at = new Date(recordedAt).toISOString();
  return { bucket, era, seq, recorded_at: at, derived_through: at, code: "1", hash: `${bucket}-${era}-${seq}`, row_count: 0 };
}

/**
 * Opens era 2 of a bucket, whose era 1 then ends with its first changeset.
 * @param openedAt ms
 * @throws where the store refuses
 */
export async function endFirstEra(store: Store, bucket: number, openedAt: number): Promise<void> {
  const mark = await readEraMark(store, bucket);
  const row = { bucket, era: 2, endedEra: 1, endedSeq: 1, reason: "the log was lost", openedAt };
  if (!(await openEra(store, row, mark))) throw new Error(`bucket ${bucket}: era 2 was not opened`);
}
