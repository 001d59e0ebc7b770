import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ObservationSchema } from "@vedette/proto";
import { type Draft, OBSERVATION_BYTES, ObservationTooLargeError } from "./outbox.ts";

/** @throws ObservationTooLargeError */
export function encodeDraft(draft: Draft, seq: number): Uint8Array {
  const bytes = toBinary(ObservationSchema, create(ObservationSchema, { ...draft, seq }));
  if (bytes.byteLength > OBSERVATION_BYTES) {
    throw new ObservationTooLargeError(
      `an observation of ${draft.probe ?? "?"} has ${bytes.byteLength} bytes, more than ${OBSERVATION_BYTES}`,
    );
  }
  return bytes;
}

/**
 * The same observation under another epoch and seq. A confirmation whose base is renumbered with it follows its base;
 * any other base stays: the collector may well know it.
 */
export function renumber(bytes: Uint8Array, from: string, to: string, seqOf: (old: number) => number | undefined): Uint8Array {
  const o = fromBinary(ObservationSchema, bytes);
  const seq = seqOf(o.seq);
  if (seq === undefined) throw new RangeError(`seq ${o.seq} is not in the outbox`);
  o.seq = seq;
  if (o.body.case === "confirm" && o.body.value.epoch === from) {
    const base = seqOf(o.body.value.seq);
    if (base !== undefined) {
      o.body.value.epoch = to;
      o.body.value.seq = base;
    }
  }
  return toBinary(ObservationSchema, o);
}
