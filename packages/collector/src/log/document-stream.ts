/** doc.v1.<tenant> of the stream LOG, as the document log needs it (document/types.ts). */
import { createHash } from "node:crypto";
import { DeliverPolicy } from "@nats-io/jetstream";
import { DOCUMENT_WILDCARD, documentSubject, STREAM } from "@vedette/proto";
import type { DocumentStream, StreamedDocument } from "../document/types.ts";
import { FencedError, publishParts } from "./publish.ts";
import { type Bus, ensureLogStream, lastOf } from "./stream.ts";

export function documentStream(bus: Bus): DocumentStream {
  return {
    async last(tenant) {
      const message = await lastOf(bus.jsm, documentSubject(tenant));
      return message === null ? null : { sequence: message.seq, encoded: message.data };
    },

    async *kept(tenant): AsyncIterable<StreamedDocument> {
      const subject = documentSubject(tenant);
      for (let seq = 1; ; ) {
        const message = await bus.jsm.direct.getMessage(STREAM.log, { seq, next_by_subj: subject });
        if (message === null) return;
        yield { sequence: message.seq, encoded: message.data };
        seq = message.seq + 1;
      }
    },

    async publish(tenant, encoded, expected) {
      const hash = createHash("sha256").update(encoded).digest("hex");
      try {
        await publishParts(bus, documentSubject(tenant), [encoded], hash, expected);
        return true;
      } catch (error) {
        if (error instanceof FencedError) return false;
        throw error;
      }
    },

    async follow(handle, signal) {
      // The broker's store may have been lost; what it held is in ClickHouse.
      await ensureLogStream(bus);
      // Ordered, without a durable: what the stream keeps is read again at each start, and applying again changes nothing.
      const consumer = await bus.js.consumers.get(STREAM.log, { filter_subjects: DOCUMENT_WILDCARD, deliver_policy: DeliverPolicy.All });
      const messages = await consumer.consume({ max_messages: 64, abort_on_missing_resource: true });
      const end = () => messages.stop();
      signal.addEventListener("abort", end, { once: true });
      try {
        if (signal.aborted) return;
        for await (const message of messages) await handle(message.data);
      } finally {
        signal.removeEventListener("abort", end);
        messages.stop();
      }
    },
  };
}
