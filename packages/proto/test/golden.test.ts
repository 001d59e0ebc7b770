import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type DescMessage, fromBinary, fromJson, type JsonValue, toBinary, toJson } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import * as proto from "../src/index.ts";

/** Bytes that were shipped: `<message>.<name>.hex` with the JSON they mean beside it. They must decode to it for ever. */
const GOLDEN = join(import.meta.dirname, "golden");

function schemaOf(file: string): DescMessage {
  const name = `${file.split(".")[0]}Schema`;
  const schema = (proto as unknown as Record<string, DescMessage | undefined>)[name];
  if (schema === undefined) throw new Error(`${file}: no message of that name`);
  return schema;
}

const files = readdirSync(GOLDEN).filter((f) => f.endsWith(".hex"));

describe("golden bytes", () => {
  it("hold every message that travels or is kept", () => {
    const messages = new Set(files.map((f) => f.split(".")[0]));
    for (const needed of ["ObservationBatch", "Receipt", "Changeset", "Document", "SignedPolicy", "Policy"])
      expect(messages).toContain(needed);
    for (const { posture, volatile } of Object.values(proto.FACTS)) {
      expect(messages).toContain(posture.name);
      expect(messages).toContain(volatile.name);
    }
  });

  it.each(files)("%s decodes to its JSON and encodes to the same bytes", (file) => {
    const schema = schemaOf(file);
    const bytes = Buffer.from(readFileSync(join(GOLDEN, file), "utf8").trim(), "hex");
    const json = JSON.parse(readFileSync(join(GOLDEN, file.replace(/hex$/, "json")), "utf8")) as JsonValue;
    expect(toJson(schema, fromBinary(schema, bytes))).toEqual(json);
    expect(Buffer.from(toBinary(schema, fromJson(schema, json))).toString("hex")).toBe(bytes.toString("hex"));
  });
});
