/** Adds golden bytes for messages that have none yet; never rewrites one. Run: node packages/proto/test/make-golden.ts */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { create, type DescField, type DescMessage, type Message, ScalarType, toBinary, toJson } from "@bufbuild/protobuf";
import * as proto from "../src/index.ts";

const GOLDEN = join(import.meta.dirname, "golden");

function scalar(type: ScalarType, n: number): unknown {
  switch (type) {
    case ScalarType.STRING:
      return `text ${n}`;
    case ScalarType.BOOL:
      return true;
    case ScalarType.BYTES:
      return new Uint8Array([n & 0xff, 0xff, 0]);
    case ScalarType.DOUBLE:
      return n + 0.5;
    case ScalarType.SINT32:
      return -n;
    default:
      return n;
  }
}

/** Every field set, so that every number and type of the schema stands in the bytes. */
function fill(schema: DescMessage, depth = 0): Message {
  const message = create(schema) as Message & Record<string, unknown>;
  for (const field of schema.fields) {
    if (field.oneof !== undefined && field.oneof.fields.length > 1) continue;
    message[field.localName] = value(field, depth);
  }
  for (const oneof of schema.oneofs) {
    const last = oneof.fields.at(-1);
    if (oneof.fields.length > 1 && last !== undefined) message[oneof.localName] = { case: last.localName, value: value(last, depth) };
  }
  return message;
}

function value(field: DescField, depth: number): unknown {
  const one = () => {
    if (field.fieldKind === "message" || (field.fieldKind === "list" && field.listKind === "message"))
      return fill(field.message, depth + 1);
    if (field.fieldKind === "enum" || (field.fieldKind === "list" && field.listKind === "enum")) return 1;
    if (field.fieldKind === "scalar" || (field.fieldKind === "list" && field.listKind === "scalar"))
      return scalar(field.scalar, field.number * 100 + depth);
    throw new Error(`${field.toString()}: maps have no place in this schema`);
  };
  return field.fieldKind === "list" ? [one(), one()] : one();
}

const messages = [
  proto.ObservationBatchSchema,
  proto.ReceiptSchema,
  proto.ChangesetSchema,
  proto.DocumentSchema,
  proto.SignedPolicySchema,
  proto.PolicySchema,
  ...Object.values(proto.FACTS).flatMap((f): DescMessage[] => [f.posture, f.volatile]),
];
for (const schema of messages) {
  const file = join(GOLDEN, `${schema.name}.v1`);
  if (existsSync(`${file}.hex`)) continue;
  const message = fill(schema);
  writeFileSync(`${file}.hex`, `${Buffer.from(toBinary(schema, message)).toString("hex")}\n`);
  writeFileSync(`${file}.json`, `${JSON.stringify(toJson(schema, message), null, 2)}\n`);
}
