import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonical, parseScope, ScopeError } from "./scope.ts";

const site = parseScope({ include: ["198.18.0.0/24", "2001:db8::/64"], exclude: ["198.18.0.128/25"] });

describe("scope", () => {
  test("allows what is included and not excluded", () => {
    expect(site.allows("198.18.0.7", 554)).toBe(true);
    expect(site.allows("2001:db8::7", 554)).toBe(true);
    expect(site.refusal("198.18.0.129")).toBe("excluded");
    expect(site.refusal("198.18.1.7")).toBe("outside");
  });

  test("an IPv4-mapped address is the IPv4 address", () => {
    expect(site.allows("::ffff:198.18.0.7")).toBe(true);
    expect(site.refusal("::ffff:198.18.0.129")).toBe("excluded");
    expect(canonical("::ffff:198.18.0.7")).toBe("198.18.0.7");
  });

  test("names, short forms and octal forms are no addresses", () => {
    for (const text of ["camera.local", "198.18.7", "0306.022.0.7", "0xc6.0x12.0.7", "3323068423", "", "198.18.0.7 "]) {
      expect(site.refusal(text)).toBe("not-an-address");
    }
  });

  test("this machine's own loopback address must be named by itself", () => {
    expect(parseScope({ include: ["127.0.0.0/8"] }).refusal("127.0.0.1")).toBe("own-loopback");
    expect(parseScope({ include: ["127.0.0.0/8"] }).allows("127.18.0.1")).toBe(true);
    expect(parseScope({ include: ["0.0.0.0/0"] }).refusal("127.18.0.1")).toBe("own-loopback");
    expect(parseScope({ include: ["127.0.0.1"] }).allows("127.0.0.1", 80)).toBe(true);
    expect(parseScope({ include: ["::/0"] }).refusal("::1")).toBe("own-loopback");
  });

  test("printer and controller ports are never touched, in any scope", () => {
    expect(site.refusal("198.18.0.7", 9100)).toBe("untouched-port");
    expect(site.refusal("198.18.0.7", 502)).toBe("untouched-port");
  });

  test("multicast and broadcast are no targets", () => {
    const all = parseScope({ include: ["0.0.0.0/0"] });
    expect(all.refusal("239.255.255.250")).toBe("not-unicast");
    expect(all.refusal("255.255.255.255")).toBe("not-unicast");
  });

  test("an empty scope allows nothing", () => {
    expect(parseScope({ include: [] }).refusal("198.18.0.7")).toBe("outside");
  });

  test("lists hosts without network, broadcast and excluded addresses", () => {
    const hosts = [...parseScope({ include: ["198.18.0.5/29"], exclude: ["198.18.0.3"] }).hosts()];
    expect(hosts).toEqual(["198.18.0.1", "198.18.0.2", "198.18.0.4", "198.18.0.5", "198.18.0.6"]);
    expect([...parseScope({ include: ["198.18.0.4/31"] }).hosts()]).toEqual(["198.18.0.4", "198.18.0.5"]);
    expect([...parseScope({ include: ["2001:db8::/126"] }).hosts()]).toHaveLength(4);
  });

  test.each(["198.18.0.0/33", "198.18.0.0/", "198.18.0/24", "nonsense", "198.18.0.0/24/1", "239.0.0.0/8"])(
    "refuses %s with the field's name",
    (text) => {
      expect(() => parseScope({ include: [text] })).toThrow(ScopeError);
      expect(() => parseScope({ include: [text] })).toThrow(/^scope: /);
      expect(() => parseScope({ include: [], exclude: [text] })).toThrow(/^exclude: /);
    },
  );

  test("any text gives an answer, and what is allowed lies inside", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.ipV4(), fc.ipV6()), (text) => {
        const refusal = site.refusal(text);
        if (refusal === undefined) expect(canonical(text)).toMatch(/^(198\.18\.0\.|2001:db8:)/);
      }),
      { numRuns: 1000 },
    );
  });
});
