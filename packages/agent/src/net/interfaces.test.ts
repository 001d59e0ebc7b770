import type { NetworkInterfaceInfo } from "node:os";
import { expect, test } from "vitest";
import { onSegment, siteInterfaces } from "./interfaces.ts";
import { parseNeighbours } from "./neighbour.ts";
import { parseScope } from "./scope.ts";

const v4 = (address: string, cidr: string, mac = "02:00:00:00:00:01", internal = false): NetworkInterfaceInfo => ({
  address,
  netmask: "",
  family: "IPv4",
  mac,
  internal,
  cidr,
});
const all = {
  lo: [v4("127.0.0.1", "127.0.0.1/8", "00:00:00:00:00:00", true)],
  eth0: [v4("198.18.0.2", "198.18.0.2/24")],
  eth1: [
    v4("198.18.4.2", "198.18.4.2/22"),
    { address: "fe80::1", netmask: "", family: "IPv6", mac: "02:00:00:00:00:02", internal: false, cidr: "fe80::1/64", scopeid: 3 } as const,
  ],
};
const names = (include: string[], choice = {}) =>
  siteInterfaces(parseScope({ include }), { all, ...choice }).map((i) => `${i.name} ${i.address}`);

test("an interface fits where its prefix contains the scope or lies in it", () => {
  expect(names(["198.18.0.0/25"])).toEqual(["eth0 198.18.0.2"]);
  expect(names(["198.18.0.0/16"])).toEqual(["eth0 198.18.0.2", "eth1 198.18.4.2"]);
  expect(names(["198.19.0.0/24"])).toEqual([]);
  expect(names(["198.18.6.9"])).toEqual(["eth1 198.18.4.2"]);
});

test("any scope within 127/8 is on loopback, with the source that was asked for", () => {
  expect(names(["127.18.0.0/24"])).toEqual(["lo 127.0.0.1"]);
  expect(names(["127.18.0.0/24"], { loopbackSource: "127.18.0.9" })).toEqual(["lo 127.18.0.9"]);
});

test("names narrow the choice; a link-local address carries its zone", () => {
  expect(names(["198.18.0.0/16"], { names: ["eth1"] })).toEqual(["eth1 198.18.4.2"]);
  expect(names(["fe80::/10"])).toEqual(["eth1 fe80::1%eth1"]);
});

test("a sender of another segment is not on this one", () => {
  const [own] = siteInterfaces(parseScope({ include: ["198.18.0.0/24"] }), { all });
  if (!own) throw new Error("no interface");
  expect(onSegment(own, "198.18.0.200")).toBe(true);
  expect(onSegment(own, "198.18.4.9")).toBe(false);
});

test("complete entries of the neighbour table", () => {
  const table = [
    "IP address       HW type     Flags       HW address            Mask     Device",
    "198.18.0.7       0x1         0x2         AC:CC:8E:27:0A:D8     *        eth0",
    "198.18.0.8       0x1         0x0         00:00:00:00:00:00     *        eth0",
    "rubbish",
    "",
  ].join("\n");
  expect([...parseNeighbours(table)]).toEqual([["198.18.0.7", "ac:cc:8e:27:0a:d8"]]);
});
