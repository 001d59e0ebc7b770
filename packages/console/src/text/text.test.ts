import { expect, test } from "vitest";
import { en } from "./en.ts";
import { zhTW } from "./zh-TW.ts";

type Tree = { readonly [key: string]: string | Tree };

function leaves(tree: Tree, path = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]): [string, string][] =>
    typeof value === "string" ? [[`${path}${key}`, value]] : leaves(value, `${path}${key}.`),
  );
}

/** Chinese has one plural form: only _other must stand in both. */
const keys = (tree: Tree) => new Set(leaves(tree).flatMap(([key]) => (key.endsWith("_one") ? [] : [key])));
const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((m) => m[1]).sort();

test("both languages have the same keys", () => {
  expect([...keys(zhTW)].sort()).toEqual([...keys(en)].sort());
});

test("no text is empty, and each uses the same values in both languages", () => {
  const chinese = new Map(leaves(zhTW));
  for (const [key, text] of leaves(en)) {
    expect(text.trim(), key).not.toBe("");
    const other = chinese.get(key);
    if (other !== undefined) expect(placeholders(other), key).toEqual(placeholders(text));
  }
});

test("every plural has its _other form", () => {
  for (const tree of [en, zhTW] as Tree[]) {
    const all = new Set(leaves(tree).map(([key]) => key));
    for (const key of all) if (key.endsWith("_one")) expect(all.has(key.replace(/_one$/, "_other")), key).toBe(true);
  }
});
