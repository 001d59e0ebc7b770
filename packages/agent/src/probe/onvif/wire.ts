/** The two operations of an ONVIF device service that are asked without credentials, and their answers. ONVIF Core Specification 5.12 (access classes), 8.1, 8.4; SOAP 1.2. */
import { clean } from "../../net/text.ts";
import { WireError } from "../../net/wire-error.ts";
import { readXml, type XmlElement } from "../../net/xml.ts";

/** Both only read. The first must be answered before authentication (5.12: PRE_AUTH); many devices answer the second so too. */
export type Operation = "GetSystemDateAndTime" | "GetDeviceInformation";

export interface Clock {
  readonly kind: "clock";
  /** "Manual" or "NTP". */
  readonly dateTimeType: string;
  readonly timeZone: string;
  readonly daylightSavings?: boolean;
  /** s since 1970 UTC */
  readonly timeS?: number;
}

export interface Information {
  readonly kind: "information";
  readonly manufacturer: string;
  readonly model: string;
  readonly firmwareVersion: string;
  readonly serialNumber: string;
  readonly hardwareId: string;
}

/** A fault that ONVIF defines. */
export interface Refusal {
  readonly kind: "refusal";
  readonly notAuthorized: boolean;
}

export type Answer = Clock | Information | Refusal;

const DEVICE = "http://www.onvif.org/ver10/device/wsdl";
const ERROR = "http://www.onvif.org/ver10/error";
const MAX_VALUE = 128;

export function requestText(operation: Operation): string {
  return `<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><${operation} xmlns="${DEVICE}"/></s:Body></s:Envelope>`;
}

export function contentType(operation: Operation): string {
  return `application/soap+xml; charset=utf-8; action="${DEVICE}/${operation}"`;
}

/** @throws WireError for what is no answer of an ONVIF device service */
export function parseAnswer(bytes: Uint8Array): Answer {
  const values = new Map<string, string>();
  const codes: string[] = [];
  let answered: Operation | undefined;
  readXml(bytes, (element) => {
    const [envelope, body, response, ...inside] = element.path;
    if (envelope !== "Envelope" || body !== "Body") return;
    if (response === "Fault" && inside.at(-1) === "Value" && codes.length < 8) codes.push(faultCode(element));
    const operation = operationOf(response);
    if (!operation) return;
    answered ??= operation;
    if (operation === answered && inside.length > 0 && !values.has(inside.join("/")))
      values.set(inside.join("/"), clean(element.text, MAX_VALUE));
  });
  const at = (path: string): string => values.get(path) ?? "";
  if (answered === "GetSystemDateAndTime") return clockOf((name) => at(`SystemDateAndTime/${name}`));
  if (answered === "GetDeviceInformation") return informationOf(at);
  const own = codes.filter((code) => code.startsWith(`{${ERROR}}`));
  if (own.length === 0) throw new WireError("it is no answer of an ONVIF device service");
  return { kind: "refusal", notAuthorized: own.includes(`{${ERROR}}NotAuthorized`) };
}

function operationOf(response: string | undefined): Operation | undefined {
  if (response === "GetSystemDateAndTimeResponse") return "GetSystemDateAndTime";
  return response === "GetDeviceInformationResponse" ? "GetDeviceInformation" : undefined;
}

/** "ter:NotAuthorized" as "{http://www.onvif.org/ver10/error}NotAuthorized"; devices forget to declare the usual prefix. */
function faultCode(element: XmlElement): string {
  const [prefix = "", name = ""] = clean(element.text, MAX_VALUE).split(":");
  return `{${element.namespace(prefix) ?? (prefix === "ter" ? ERROR : "")}}${name}`;
}

function informationOf(at: (name: string) => string): Information {
  return {
    kind: "information",
    manufacturer: at("Manufacturer"),
    model: at("Model"),
    firmwareVersion: at("FirmwareVersion"),
    serialNumber: at("SerialNumber"),
    hardwareId: at("HardwareId"),
  };
}

function clockOf(at: (name: string) => string): Clock {
  const daylight = { true: true, "1": true, false: false, "0": false }[at("DaylightSavings").toLowerCase()];
  const timeS = secondsOf((name) => at(`UTCDateTime/${name}`));
  return {
    kind: "clock",
    dateTimeType: at("DateTimeType"),
    timeZone: at("TimeZone/TZ"),
    ...(daylight === undefined ? {} : { daylightSavings: daylight }),
    ...(timeS === undefined ? {} : { timeS }),
  };
}

/** undefined where it is no date that exists. */
function secondsOf(at: (name: string) => string): number | undefined {
  const parts = ["Date/Year", "Date/Month", "Date/Day", "Time/Hour", "Time/Minute", "Time/Second"].map((name) => {
    const digits = at(name);
    return /^\d{1,4}$/.test(digits) ? Number(digits) : Number.NaN;
  });
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  const date = new Date(ms);
  const exists =
    year >= 1970 &&
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute;
  return exists ? ms / 1000 : undefined;
}
