/** A batch of the outbox as one message for the broker. */
import { create, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { ObservationBatchSchema } from "@vedette/proto";
import type { OutboxBatch } from "./outbox/outbox.ts";
import type { Clock } from "./probe/probe.ts";

export interface Offset {
  /** Centre minus agent, ms. */
  readonly offsetMs: number;
  readonly uncertaintyMs: number;
}

export interface Sender {
  readonly clock: Clock;
  readonly agentVersion: string;
  readonly bootId: string;
  readonly offset: () => Offset | undefined;
}

/** The observations go as the bytes that the outbox holds, whichever version of the agent wrote them. */
export function encodeBatch(batch: OutboxBatch, { clock, agentVersion, bootId, offset }: Sender): Uint8Array {
  const measured = offset();
  const head = create(ObservationBatchSchema, {
    epoch: batch.epoch.id,
    epochCreatedMs: batch.epoch.createdMs,
    agentVersion,
    clock: {
      wallMs: clock.wall(),
      monotonicMs: clock.monotonic(),
      bootId,
      ...(measured === undefined ? {} : { offsetMs: measured.offsetMs, uncertaintyMs: measured.uncertaintyMs }),
    },
  });
  const writer = new BinaryWriter().raw(toBinary(ObservationBatchSchema, head));
  const { number } = ObservationBatchSchema.field.observations;
  for (const bytes of batch.observations) writer.tag(number, WireType.LengthDelimited).bytes(bytes);
  return writer.finish();
}
