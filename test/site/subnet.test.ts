import { describe, expect, test } from "vitest";
import { addressOf, BindError, parseSubnet } from "./subnet.ts";

describe("the subnet of a site", () => {
  test("hosts are counted from its base", () => {
    const subnet = parseSubnet("127.18.0.77/24");
    expect([addressOf(subnet, 1), addressOf(subnet, 254)]).toEqual(["127.18.0.1", "127.18.0.254"]);
    expect(addressOf(parseSubnet("127.20.0.0/16"), 300)).toBe("127.20.1.44");
    expect(() => addressOf(subnet, 255)).toThrow(RangeError);
  });

  test.each([
    "127.0.0.0/24",
    "127.0.0.0/16",
    "10.0.0.0/24",
    "127.18.0.0",
    "127.18.0.0/30",
    "127.300.0.0/24",
    "127.18.0.0/8",
    "",
    "fe80::/64",
  ])("%s is refused in one sentence", (text) => {
    expect(() => parseSubnet(text)).toThrow(BindError);
  });
});
