import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WireError } from "../../net/wire-error.ts";
import { hasCorpus, recording } from "../../testing/corpus.ts";
import { locationAt, parseAnswer, parseNotice, searchText } from "./wire.ts";

describe.skipIf(!hasCorpus)("recorded", () => {
  test("Axis M1014 answers a search", () => {
    const answer = parseAnswer(recording("upnp/axis-m1014_msearch-response.txt"));
    expect(answer.target).toBe("urn:axis-com:service:BasicService:1");
    expect(answer.server).toContain("Portable SDK for UPnP devices/1.6.18");
    expect(locationAt(answer.location, "192.168.1.102")).toEqual({ port: 45895, path: "/rootdesc1.xml" });
    expect(answer.bootId).toBeUndefined();
  });

  test("Axis M1014 says goodbye", () => {
    expect(parseNotice(recording("upnp/axis-m1014_notify-byebye.txt"))).toMatchObject({ kind: "ssdp:byebye", maxAgeS: 1800 });
  });
});

test("a notice with boot ids and LF alone", () => {
  const text =
    "NOTIFY * HTTP/1.1\nNT: upnp:rootdevice\nNTS: ssdp:update\nUSN: uuid:1::upnp:rootdevice\nBOOTID.UPNP.ORG: 7\nNEXTBOOTID.UPNP.ORG: 8\n\n";
  expect(parseNotice(Buffer.from(text))).toMatchObject({ kind: "ssdp:update", bootId: 7, nextBootId: 8, usn: "uuid:1::upnp:rootdevice" });
});

test("somebody else's search is no notice", () => {
  expect(parseNotice(Buffer.from(searchText("239.255.255.250:1900", 2)))).toBeUndefined();
});

test.each([
  ["http://198.18.0.8/x", undefined],
  ["https://198.18.0.7/x", undefined],
  ["http://camera.example/x", undefined],
  ["http://a:b@198.18.0.7/x", undefined],
  ["http://198.18.0.7", { port: 80, path: "/" }],
  ["http://0xc6120007/x", { port: 80, path: "/x" }],
  ["http://198.18.0.7:49152/d.xml?a=1#b", { port: 49152, path: "/d.xml?a=1" }],
  ["not a URL", undefined],
])("a LOCATION is followed on its sender alone: %s", (location, expected) => {
  expect(locationAt(location, "198.18.0.7")).toEqual(expected);
});

test("any bytes give a message or a WireError", () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "NOTIFY * HTTP/1.1\r\n",
      "HTTP/1.1 200 OK\r\n",
      "NTS: ssdp:alive\r\n",
      "USN: ",
      "LOCATION: http://",
      "\r\n",
      "CACHE-CONTROL: max-age=",
      "9",
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (parts) => {
      for (const parse of [parseAnswer, parseNotice]) {
        try {
          const message = parse(Buffer.from(parts.join("")));
          if (message) expect(message.usn.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }
    }),
    { numRuns: 1000 },
  );
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.webUrl()), fc.ipV4(), (location, sender) => {
      const at = locationAt(location, sender);
      if (at) expect(at.port).toBeLessThanOrEqual(65_535);
    }),
    { numRuns: 1000 },
  );
});
