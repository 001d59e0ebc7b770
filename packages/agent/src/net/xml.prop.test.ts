import fc from "fast-check";
import { expect, test } from "vitest";
import { WireError } from "./wire-error.ts";
import { readXml } from "./xml.ts";

const RUNS = { numRuns: 1000 };
const seen = (xml: string): string[] => {
  const out: string[] = [];
  readXml(Buffer.from(xml), ({ path, text }) => out.push(`${path.join("/")}=${text}`));
  return out;
};

test("elements come children first, with local names, text behind their last child and the five entities", () => {
  expect(seen('\ufeff <p:a xmlns:p="u"><b>1&lt;<![CDATA[&]]></b> tail</p:a>')).toEqual(["a/b=1<&", "a= tail"]);
});

test("a prefix stands for the nearest declaration", () => {
  const found: (string | undefined)[] = [];
  readXml(Buffer.from('<a xmlns:d="outer" xmlns="default"><b xmlns:d="inner"/><c y:k="v"/></a>'), (e) =>
    found.push(e.namespace("d"), e.namespace(""), e.namespace("none"), e.attribute("k")),
  );
  expect(found).toEqual(["inner", "default", undefined, "", "outer", "default", undefined, "v", "outer", "default", undefined, ""]);
});

test.each([
  ["a document type", "<!DOCTYPE r><r/>"],
  ["entities that grow", '<!DOCTYPE r [<!ENTITY a "xxxx"><!ENTITY b "&a;&a;&a;&a;">]><r>&b;</r>'],
  ["an unknown entity", "<r>&x;</r>"],
  ["depth", "<a>".repeat(25)],
  ["length", `<r>${"<x/>".repeat(4000)}</r>`],
  ["two roots", "<a/><b/>"],
  ["an end without begin", "</a>"],
  ["no end", "<a><b></b>"],
])("refuses %s", (_, xml) => {
  expect(() => seen(xml)).toThrow(WireError);
});

test("the text of one element is cut", () => {
  expect(seen(`<a>${"x".repeat(100_000)}</a>`)[0]?.length).toBe("a=".length + 16_384);
});

test("any bytes give elements or a WireError", () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "<a>",
      "</a>",
      "<b x='",
      "'>",
      "/>",
      "<!DOCTYPE a>",
      "<![CDATA[",
      "]]>",
      "&#0;",
      "&#x10ffff;",
      "<!--",
      "-->",
      "<?x",
      "?>",
    ),
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.array(piece, { maxLength: 40 }).map((parts) => Buffer.from(parts.join(""))),
  );
  fc.assert(
    fc.property(bytes, (input) => {
      try {
        readXml(input, ({ path }) => expect(path.length).toBeGreaterThan(0));
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }),
    RUNS,
  );
});

test("any tree comes back as it was written", () => {
  const { tree } = fc.letrec<{ tree: string }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      fc.stringMatching(/^[a-z0-9]{0,8}$/).map((t) => `<leaf>${t}</leaf>`),
      fc.array(tie("tree"), { maxLength: 4 }).map((children) => `<node>${children.join("")}</node>`),
    ),
  }));
  fc.assert(
    fc.property(tree, (xml) => {
      const leaves = seen(xml).filter((e) => e.includes("leaf="));
      expect(leaves.map((e) => e.split("leaf=")[1])).toEqual([...xml.matchAll(/<leaf>([^<]*)</g)].map((m) => m[1]));
    }),
    RUNS,
  );
});
