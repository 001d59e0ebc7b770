import { create, toBinary } from "@bufbuild/protobuf";
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
