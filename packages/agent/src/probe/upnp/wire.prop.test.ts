import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WireError } from "../../net/wire-error.ts";
import { hasCorpus, recording } from "../../testing/corpus.ts";
import { parseDescription } from "./wire.ts";

const parse = (xml: string) => parseDescription(Buffer.from(xml));
const device = (inside: string) => `<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device>${inside}</device></root>`;

describe.skipIf(!hasCorpus)("recorded", () => {
  test("Axis M1014", () => {
    const xml = recording("upnp/axis-m1014_rootdesc1.xml");
    const told = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml.toString())?.[1] ?? "";
    const description = parseDescription(xml);
    expect(description).toMatchObject({
      modelName: told("modelName"),
      modelNumber: told("modelNumber"),
      serialNumber: told("serialNumber"),
    });
    expect(description.manufacturer).toBe("AXIS");
    expect(description.udn).toBe(told("UDN").toLowerCase().replace("uuid:", ""));
    expect(description.serviceTypes.length).toBeGreaterThan(0);
  });
});

describe("description", () => {
  test("fields of embedded devices are not the root's; their services count", () => {
    const xml = device(
      "<serviceList><service><serviceType>b</serviceType></service></serviceList>" +
        "<deviceList><device><modelName>inner</modelName><serviceList><service><serviceType>a</serviceType></service></serviceList></device></deviceList>" +
        "<modelName>outer &amp; <![CDATA[more]]></modelName><UDN>uuid:ABC</UDN>",
    );
    expect(parse(xml)).toMatchObject({ modelName: "outer & more", udn: "abc", serviceTypes: ["a", "b"] });
  });

  test.each([
    ["a document type", '<!DOCTYPE r [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><root><device><modelName>&b;</modelName></device></root>'],
    ["an external entity", '<!DOCTYPE r SYSTEM "file:///etc/passwd"><root><device/></root>'],
    ["an unknown entity", device("<modelName>&x;</modelName>")],
    ["no device", "<root/>"],
    ["HTML", "<html><br></html>"],
    ["nothing", ""],
    ["depth", "<a>".repeat(100)],
    ["length", device("<x/>".repeat(5000))],
  ])("refuses %s", (_, xml) => {
    expect(() => parse(xml)).toThrow(WireError);
  });

  test("a hundred thousand character references cost little and are cut", () => {
    const started = performance.now();
    expect(parse(device(`<modelName>${"&#65;".repeat(50_000)}</modelName>`)).modelName).toBe("A".repeat(256));
    expect(performance.now() - started).toBeLessThan(2000);
  });

  test("any text gives a description or a WireError", () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom(
        "<root>",
        "<device>",
        "</device>",
        "</root>",
        "<UDN>",
        "</UDN>",
        "<!DOCTYPE a>",
        "<![CDATA[",
        "]]>",
        "&#0;",
        "&lt;",
        "<!--",
        "-->",
        "<?x",
        "?>",
        "<a b='",
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (parts) => {
        try {
          expect(parse(parts.join("")).udn).toBeTypeOf("string");
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("plain fields come back as they were written", () => {
    const text = fc.stringMatching(/^[!-~]([ -~]{0,30}[!-~])?$/);
    const escaped = (t: string) => t.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
    fc.assert(
      fc.property(text, text, (model, serial) => {
        const back = parse(device(`<modelName>${escaped(model)}</modelName><serialNumber>${escaped(serial)}</serialNumber>`));
        expect([back.modelName, back.serialNumber]).toEqual([model, serial].map((t) => t.replace(/ +/g, " ")));
      }),
      { numRuns: 1000 },
    );
  });
});
