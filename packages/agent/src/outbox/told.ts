import type { Told, ToldDraft } from "./outbox.ts";

/** Fills in the key of the observation that a draft says is the new base. */
export function settle(draft: ToldDraft, epoch: string, seq: number): Told {
  const { base, ...rest } = draft;
  if (base === undefined) return rest;
  return { ...rest, base: "epoch" in base ? base : { ...base, epoch, seq } };
}
