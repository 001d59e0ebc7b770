import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WireError } from "../../net/wire-error.ts";
import { hasCorpus, recording } from "../../testing/corpus.ts";
import { deviceServiceAt, MAX_WORDS, merged, parseMessage, probeText, resolveText, SEARCHES } from "./wire.ts";

const RUNS = { numRuns: 1000 };
const HEAD =
  '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dn="http://www.onvif.org/ver10/network/wsdl">';
const header = '<s:Header><a:RelatesTo>urn:uuid:q</a:RelatesTo><d:AppSequence InstanceId="1700000000" MessageNumber="3"/></s:Header>';
const target = (inside: string) => `<a:EndpointReference><a:Address>urn:uuid:cam</a:Address></a:EndpointReference>${inside}`;
const message = (body: string, head = header) => Buffer.from(`${HEAD}${head}<s:Body>${body}</s:Body></s:Envelope>`);
const FULL = target(
  "<d:Types>dn:NetworkVideoTransmitter x:Y Z</d:Types><d:Scopes>onvif://www.onvif.org/name/B\n onvif://www.onvif.org/hardware/A </d:Scopes>" +
    "<d:XAddrs>http://198.18.0.7/onvif/device_service</d:XAddrs><d:MetadataVersion>2</d:MetadataVersion>",
);

describe.skipIf(!hasCorpus)("recorded", () => {
  test("a camera answers a Probe", () => {
    const xml = recording("onvif/agsh-serverMockup/Probe.xml");
    const answer = parseMessage(xml);
    const told = /<wsdd:Scopes>([^<]*)</.exec(xml.toString())?.[1]?.split(" ") ?? [];
    expect(answer).toMatchObject({ kind: "probe-match", instanceId: 0 });
    expect(answer?.relatesTo).toBe(/<wsa:RelatesTo>([^<]*)</.exec(xml.toString())?.[1]);
    expect(answer?.targets).toHaveLength(1);
    expect(answer?.targets[0]).toMatchObject({
      types: ["{http://www.onvif.org/ver10/device/wsdl}Device", "{http://www.onvif.org/ver10/network/wsdl}NetworkVideoTransmitter"],
      metadataVersion: 1,
    });
    expect(new Set(answer?.targets[0]?.scopes)).toEqual(new Set(told));
  });
});

test.each([
  ["probe-match", `<d:ProbeMatches><d:ProbeMatch>${FULL}</d:ProbeMatch></d:ProbeMatches>`],
  ["resolve-match", `<d:ResolveMatches><d:ResolveMatch>${FULL}</d:ResolveMatch></d:ResolveMatches>`],
  ["hello", `<d:Hello>${FULL}</d:Hello>`],
  ["bye", `<d:Bye>${FULL}</d:Bye>`],
])("%s", (kind, body) => {
  expect(parseMessage(message(body))).toEqual({
    kind,
    relatesTo: "urn:uuid:q",
    instanceId: 1_700_000_000,
    targets: [
      {
        endpoint: "urn:uuid:cam",
        types: ["{http://www.onvif.org/ver10/network/wsdl}NetworkVideoTransmitter", "{}Y", "{}Z"],
        scopes: ["onvif://www.onvif.org/hardware/A", "onvif://www.onvif.org/name/B"],
        xAddrs: ["http://198.18.0.7/onvif/device_service"],
        metadataVersion: 2,
      },
    ],
  });
});

test("what is no announcement and no answer is none: searches of others, targets without an endpoint, parts at another place", () => {
  expect(SEARCHES.map((s) => parseMessage(Buffer.from(probeText(s, "1"))))).toEqual(SEARCHES.map(() => undefined));
  for (const { dialect } of SEARCHES) expect(parseMessage(Buffer.from(resolveText(dialect, "urn:uuid:<&>", "1")))).toBeUndefined();
  expect(parseMessage(message("<d:Hello><d:XAddrs>http://198.18.0.7/</d:XAddrs></d:Hello>"))?.targets).toEqual([]);
  expect(parseMessage(message(`<d:Hello><d:x>${FULL}</d:x></d:Hello>`))?.targets).toEqual([]);
  expect(parseMessage(message(`<d:Hello>${FULL}</d:Hello><d:Bye>${FULL}</d:Bye>`))).toMatchObject({
    kind: "hello",
    targets: { length: 1 },
  });
});

test("what a host says at length is cut", () => {
  const many = Array.from({ length: 500 }, (_, i) => `onvif://www.onvif.org/${i}`).join(" ");
  const hello = parseMessage(message(`<d:Hello>${target(`<d:Scopes>${many}</d:Scopes>`)}</d:Hello>`));
  expect(hello?.targets[0]?.scopes.length).toBe(MAX_WORDS);
  const crowd = `<d:ProbeMatch>${FULL}</d:ProbeMatch>`.repeat(100);
  expect(parseMessage(message(`<d:ProbeMatches>${crowd}</d:ProbeMatches>`))?.targets.length).toBe(32);
});

test("an entity of its own is refused", () => {
  const doctype = '<!DOCTYPE s [<!ENTITY e SYSTEM "file:///etc/passwd">]>';
  expect(() => parseMessage(Buffer.from(`${doctype}${HEAD}<s:Body><d:Hello>&e;</d:Hello></s:Body></s:Envelope>`))).toThrow(WireError);
});

const ONVIF = { types: ["{http://www.onvif.org/ver10/network/wsdl}NetworkVideoTransmitter"], scopes: [] };
test.each([
  [["http://198.18.0.8/x"], undefined],
  [["http://camera.example/x"], undefined],
  [["http://a:b@198.18.0.7/x"], undefined],
  [["ftp://198.18.0.7/x"], undefined],
  [["http://198.18.0.7@198.18.9.9/x"], undefined],
  [["not a URL", "SERVICE_URI"], undefined],
  [["http://169.254.1.2/x", "https://198.18.0.7/y"], { port: 443, path: "/y", tls: true }],
  [["https://198.18.0.7/y", "http://198.18.0.7:8000/onvif/device_service"], { port: 8000, path: "/onvif/device_service", tls: false }],
])("an XAddr is followed to its sender alone: %s", (xAddrs, expected) => {
  expect(deviceServiceAt({ ...ONVIF, xAddrs }, "198.18.0.7")).toEqual(expected);
});

test("a host that is no ONVIF device has no device service", () => {
  expect(deviceServiceAt({ types: ["{http://x}Device"], scopes: [], xAddrs: ["http://198.18.0.7/x"] }, "198.18.0.7")).toBeUndefined();
});

test("any XAddr leads to its sender or nowhere", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.string(),
          fc.tuple(fc.constantFrom("http", "https", "ftp"), fc.ipV4(), fc.nat(70_000)).map(([s, a, p]) => `${s}://${a}:${p}/`),
          fc.ipV4().map((a) => `http://${a}/s`),
        ),
        { maxLength: 5 },
      ),
      fc.ipV4(),
      (xAddrs, sender) => {
        const at = deviceServiceAt({ ...ONVIF, xAddrs }, sender);
        if (at) expect(xAddrs.some((x) => URL.canParse(x) && new URL(x).hostname === sender)).toBe(true);
      },
    ),
    RUNS,
  );
});

test("merging is a union in order, whichever comes first", () => {
  const words = fc.array(fc.stringMatching(/^[a-z]{1,3}$/), { maxLength: 5 }).map((w) => [...new Set(w)].sort());
  const one = fc.record({ endpoint: fc.constant("e"), types: words, scopes: words, xAddrs: words });
  fc.assert(
    fc.property(one, one, (a, b) => {
      expect(merged(a, b)).toEqual(merged(b, a));
      expect(merged(a, a)).toEqual(a);
      for (const scope of [...a.scopes, ...b.scopes]) expect(merged(a, b).scopes).toContain(scope);
    }),
    RUNS,
  );
});

test("any bytes give a message or a WireError; a real one with bytes turned and cut too", () => {
  const real = message(`<d:ProbeMatches><d:ProbeMatch>${FULL}</d:ProbeMatch></d:ProbeMatches>`);
  const turned = fc
    .tuple(fc.nat(real.length), fc.array(fc.tuple(fc.nat(real.length - 1), fc.nat(255)), { maxLength: 5 }))
    .map(([end, turns]) => {
      const bytes = Buffer.from(real);
      for (const [at, value] of turns) bytes[at] = value;
      return bytes.subarray(0, end);
    });
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom(HEAD, header, "<s:Body>", "<d:Hello>", FULL, "</d:Hello>", "</s:Body>", "</s:Envelope>"),
  );
  const built = fc.array(piece, { maxLength: 12 }).map((parts) => Buffer.from(parts.join("")));
  fc.assert(
    fc.property(fc.oneof(turned, built, fc.uint8Array({ maxLength: 200 })), (bytes) => {
      try {
        for (const t of parseMessage(bytes)?.targets ?? []) {
          expect(t.endpoint.length).toBeGreaterThan(0);
          for (const list of [t.types, t.scopes, t.xAddrs]) expect(list.length).toBeLessThanOrEqual(MAX_WORDS);
        }
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }),
    RUNS,
  );
});
