import { expect, it } from "vitest";
import { timeValue, Where } from "./where.ts";

it("leaves out a condition when one of its values is not given", () => {
  const where = new Where("x")
    .and("a = {a:String}", { a: "1" })
    .and("b = {b:String}", { b: undefined })
    .and("(c, d) < ({c:Int}, {d:Int})", { c: 1, d: undefined });
  expect(where.sql).toBe("x AND a = {a:String}");
  expect(where.parameters).toEqual({ a: "1" });
});

it("keeps zero, the empty text and the empty list: they were asked for", () => {
  const where = new Where().and("a", { a: 0 }).and("b", { b: "" }).and("c", { c: [] });
  expect(where.parameters).toEqual({ a: 0, b: "", c: [] });
  expect(timeValue(undefined)).toBeUndefined();
});
