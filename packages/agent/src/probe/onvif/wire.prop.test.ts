import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WireError } from "../../net/wire-error.ts";
import { hasCorpus, recording } from "../../testing/corpus.ts";
import { type Operation, parseAnswer, requestText } from "./wire.ts";

const RUNS = { numRuns: 1000 };
const soap = (body: string) =>
  Buffer.from(
    `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:d="http://www.onvif.org/ver10/device/wsdl" xmlns:t="http://www.onvif.org/ver10/schema"><s:Body>${body}</s:Body></s:Envelope>`,
  );
const information = (inside: string) => soap(`<d:GetDeviceInformationResponse>${inside}</d:GetDeviceInformationResponse>`);
const clock = (date: readonly [number | string, number, number], time: readonly [number, number, number] = [1, 2, 3]) =>
  soap(
    `<d:GetSystemDateAndTimeResponse><d:SystemDateAndTime><t:DateTimeType>NTP</t:DateTimeType><t:DaylightSavings>0</t:DaylightSavings><t:TimeZone><t:TZ>CST-8</t:TZ></t:TimeZone><t:UTCDateTime><t:Time><t:Hour>${time[0]}</t:Hour><t:Minute>${time[1]}</t:Minute><t:Second>${time[2]}</t:Second></t:Time><t:Date><t:Year>${date[0]}</t:Year><t:Month>${date[1]}</t:Month><t:Day>${date[2]}</t:Day></t:Date></t:UTCDateTime><t:LocalDateTime><t:Date><t:Year>1999</t:Year></t:Date></t:LocalDateTime></d:SystemDateAndTime></d:GetSystemDateAndTimeResponse>`,
  );
const refusal = (subcode: string, declared = ' xmlns:ter="http://www.onvif.org/ver10/error"') =>
  soap(
    `<s:Fault${declared}><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>${subcode}</s:Value></s:Subcode></s:Code><s:Reason><s:Text>no</s:Text></s:Reason></s:Fault>`,
  );

describe.skipIf(!hasCorpus)("recorded", () => {
  const recorded = (operation: Operation) => recording(`onvif/agsh-serverMockup/${operation}.xml`);
  const told = (operation: Operation, name: string) => new RegExp(`:${name}>([^<]*)<`).exec(recorded(operation).toString())?.[1];

  test("a camera says who it is", () => {
    const of = (name: string) => told("GetDeviceInformation", name);
    expect(parseAnswer(recorded("GetDeviceInformation"))).toEqual({
      kind: "information",
      manufacturer: of("Manufacturer"),
      model: of("Model"),
      firmwareVersion: of("FirmwareVersion"),
      serialNumber: of("SerialNumber"),
      hardwareId: of("HardwareId"),
    });
  });

  test("a camera tells its clock", () => {
    const of = (name: string) => Number(told("GetSystemDateAndTime", name));
    const timeS = Date.UTC(of("Year"), of("Month") - 1, of("Day"), of("Hour"), of("Minute"), of("Second")) / 1000;
    expect(parseAnswer(recorded("GetSystemDateAndTime"))).toEqual({
      kind: "clock",
      dateTimeType: told("GetSystemDateAndTime", "DateTimeType"),
      timeZone: told("GetSystemDateAndTime", "TZ"),
      daylightSavings: true,
      timeS,
    });
  });

  test("answers to other operations are none", () => {
    for (const other of ["GetHostname", "GetScopes", "Probe", "Error"])
      expect(() => parseAnswer(recording(`onvif/agsh-serverMockup/${other}.xml`))).toThrow(WireError);
  });
});

test("a refusal is one of ONVIF's, whether the prefix is declared or not; another server's fault is no answer", () => {
  expect(parseAnswer(refusal("ter:NotAuthorized"))).toEqual({ kind: "refusal", notAuthorized: true });
  expect(parseAnswer(refusal("ter:NotAuthorized", ""))).toEqual({ kind: "refusal", notAuthorized: true });
  expect(parseAnswer(refusal("e:ActionNotSupported", ' xmlns:e="http://www.onvif.org/ver10/error"'))).toEqual({
    kind: "refusal",
    notAuthorized: false,
  });
  expect(() => parseAnswer(refusal("e:NotAuthorized", ' xmlns:e="http://example.test/"'))).toThrow(WireError);
  expect(() => parseAnswer(refusal("ter:NotAuthorized", ' xmlns:ter="http://example.test/"'))).toThrow(WireError);
});

test("a clock is UTC's; a date that does not exist is none", () => {
  const told = { kind: "clock", dateTimeType: "NTP", timeZone: "CST-8", daylightSavings: false };
  expect(parseAnswer(clock([2024, 2, 29]))).toEqual({ ...told, timeS: Date.UTC(2024, 1, 29, 1, 2, 3) / 1000 });
  for (const bad of [
    clock([2023, 2, 29]),
    clock([2024, 13, 1]),
    clock([1969, 12, 31]),
    clock(["twenty", 1, 1]),
    clock([2024, 1, 1], [24, 0, 0]),
  ])
    expect(parseAnswer(bad)).toEqual(told);
});

test.each([
  ["nothing", ""],
  ["a page", "<html><body>401</body></html>"],
  ["our own question", requestText("GetDeviceInformation")],
  ["an answer outside the body", "<Envelope><GetDeviceInformationResponse/></Envelope>"],
  ["a document type", `<!DOCTYPE a [<!ENTITY x "y">]>${information("<d:Model>&x;</d:Model>")}`],
])("%s is no answer", (_, xml) => {
  expect(() => parseAnswer(Buffer.from(xml))).toThrow(WireError);
});

test("what a device says at length is cut", () => {
  expect(parseAnswer(information(`<d:Model>${"x".repeat(10_000)}</d:Model>`))).toMatchObject({ model: "x".repeat(128) });
});

test("plain values come back as they were written", () => {
  const text = fc.stringMatching(/^[!-~]([ -~]{0,30}[!-~])?$/);
  const escaped = (t: string) => t.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  fc.assert(
    fc.property(text, text, (model, serial) => {
      const back = parseAnswer(information(`<d:Model>${escaped(model)}</d:Model><d:SerialNumber>${escaped(serial)}</d:SerialNumber>`));
      expect(back).toMatchObject({ model: model.replace(/ +/g, " "), serialNumber: serial.replace(/ +/g, " ") });
    }),
    RUNS,
  );
});

test("any bytes give an answer or a WireError; real ones with bytes turned and cut too", () => {
  const seeds = [
    clock([2024, 5, 6]),
    information("<d:Manufacturer>Maker</d:Manufacturer><d:Model>M</d:Model>"),
    refusal("ter:NotAuthorized"),
  ];
  const turned = fc
    .tuple(fc.constantFrom(...seeds), fc.nat(2000), fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { maxLength: 5 }))
    .map(([seed, end, turns]) => {
      const bytes = Buffer.from(seed);
      for (const [at, value] of turns) if (at < bytes.length) bytes[at] = value;
      return bytes.subarray(0, end);
    });
  fc.assert(
    fc.property(fc.oneof(turned, fc.uint8Array({ maxLength: 200 })), (bytes) => {
      try {
        const answer = parseAnswer(bytes);
        if (answer.kind === "information") for (const value of Object.values(answer)) expect(value.length).toBeLessThanOrEqual(128);
        if (answer.kind === "clock" && answer.timeS !== undefined) expect(answer.timeS).toBeGreaterThanOrEqual(0);
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }),
    RUNS,
  );
});
