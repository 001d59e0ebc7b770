import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  changesetSubject,
  documentSubject,
  eventSubject,
  inboxPrefix,
  observationSubject,
  parseObservationSubject,
  parseReceiptSubject,
  receiptSubject,
  SubjectError,
} from "./subject.ts";

const token = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);
const address = fc.record({ tenant: token, site: token, agent: token });

describe("subjects", () => {
  it("parse back to what they were built from", () => {
    fc.assert(
      fc.property(address, (a) => {
        expect(parseObservationSubject(observationSubject(a))).toEqual(a);
        expect(parseReceiptSubject(receiptSubject(a))).toEqual(a);
      }),
    );
  });

  it("never hold a wildcard, a dot or white space that somebody smuggled in", () => {
    for (const bad of ["", "a.b", "*", ">", "a b", "a\n", "é", "x".repeat(65)]) {
      expect(() => observationSubject({ tenant: bad, site: "s", agent: "a" })).toThrow(SubjectError);
      expect(() => documentSubject(bad)).toThrow(SubjectError);
      expect(() => inboxPrefix(bad)).toThrow(SubjectError);
    }
    expect(() => changesetSubject(-1)).toThrow(SubjectError);
  });

  it("refuses to parse what is not one of ours", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!/^obs\.v1\.[A-Za-z0-9_-]{1,64}\.[A-Za-z0-9_-]{1,64}\.[A-Za-z0-9_-]{1,64}$/.test(text));
        expect(() => parseObservationSubject(text)).toThrow(SubjectError);
      }),
    );
  });

  it("are the names that others rely on", () => {
    const a = { tenant: "t1", site: "s1", agent: "a1" };
    expect(observationSubject(a)).toBe("obs.v1.t1.s1.a1");
    expect(receiptSubject(a)).toBe("rcp.v1.t1.s1.a1");
    expect(changesetSubject(7)).toBe("chg.v1.7");
    expect(documentSubject("t1")).toBe("doc.v1.t1");
    expect(eventSubject("t1", "s1", "drift")).toBe("evt.v1.t1.s1.drift");
  });
});
