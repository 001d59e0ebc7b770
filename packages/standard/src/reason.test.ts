import fc from "fast-check";
import { expect, test } from "vitest";
import { AFTER_OBSERVED, VERDICT_TEMPLATES } from "./reason/verdict.ts";
import { REASON_CODES, reasonText } from "./reason.ts";

// That every code a rule gives is among these is held by the compiler: Finding and RuleResult take ReasonCode only.
test.each(REASON_CODES)("%s stands in both languages, with the same placeholders", (code) => {
  const table: Readonly<Record<string, readonly [string, string]>> = { ...VERDICT_TEMPLATES, ...AFTER_OBSERVED };
  const [en, zhTw] = table[code] ?? ["", ""];
  const placeholders = (s: string) => [...new Set(s.match(/\{\w+\}/g))].sort();
  expect(en).toMatch(/^\S.*\.$/u);
  expect(zhTw).toMatch(/。$/u);
  expect(zhTw).toMatch(/\p{Script=Han}/u);
  expect(en).not.toMatch(/\p{Script=Han}/u);
  expect(placeholders(en)).toEqual(placeholders(zhTw));
});

test("parameters are filled in, lists in each language's way", () => {
  const text = reasonText("tls-version-accepted", { versions: ["TLS 1.0", "TLS 1.1"], endpoints: ["443/tcp"], part: "tls" });
  expect(text).toEqual({ en: "TLS 1.0, TLS 1.1 is accepted on 443/tcp.", "zh-TW": "443/tcp 接受 TLS 1.0、TLS 1.1。" });
  expect(reasonText("part-without-probe", { part: "snapshot" })["zh-TW"]).toContain("快照位址");
  expect(reasonText("telnet-answers", { endpoints: ["23/tcp"], more: 2 }).en).toMatch(/\(and 2 more, see the evidence\)$/);
});

test("an unknown code reads as itself with what it was given", () => {
  expect(reasonText("of-a-later-version", { port: 80 }).en).toBe("Reason “of-a-later-version” (port: 80).");
  expect(reasonText("constructor", {}).en).toBe("Reason “constructor”.");
});

test("hostile parameters neither break a sentence nor start another substitution", () => {
  expect(reasonText("wifi-open", { ssid: "{endpoints}$&", endpoints: ["x"] }).en).toBe("“{endpoints}$&” (x) is open: no encryption.");
  fc.assert(
    fc.property(
      fc.oneof(fc.constantFrom(...REASON_CODES), fc.string()),
      fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string()))),
      (code, parameters) => {
        const text = reasonText(code, parameters);
        expect(text.en.length).toBeGreaterThan(0);
        expect(text["zh-TW"].length).toBeGreaterThan(0);
      },
    ),
    { numRuns: 1000 },
  );
});
