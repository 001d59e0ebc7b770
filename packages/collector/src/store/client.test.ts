import { ClickHouseError } from "@clickhouse/client";
import { expect, it } from "vitest";
import { errorCode } from "./away.ts";
import { isBadRow } from "./client.ts";

const failure = (code: string) => new ClickHouseError({ code, message: "Code 117: whatever the text says", type: "ANY" });

it.each(["242", "285", "286", "319", "210", "241", "243", "999"])(
  "code %s leaves open whether the rows are there: insert again",
  (code) => {
    expect(errorCode(failure(code))).toBe(Number(code));
    expect(isBadRow(failure(code))).toBe(false);
  },
);

it.each(["27", "53", "117"])("code %s says that a row cannot be taken", (code) => {
  expect(isBadRow(failure(code))).toBe(true);
});

it("takes an error without a code for no answer, whatever its text", () => {
  expect(errorCode(new Error("Code: 117. DB::Exception"))).toBeNull();
  expect(isBadRow(new Error("Code: 117. DB::Exception"))).toBe(false);
});
