/** The root device description. UPnP Device Architecture 2.0, 2.3. */
import { SaxesParser, type SaxesTagPlain } from "saxes";
import { clean, decodeText } from "../../net/text.ts";
import { WireError } from "../../net/wire-error.ts";

export interface Description {
  readonly deviceType: string;
  readonly friendlyName: string;
  readonly manufacturer: string;
  readonly manufacturerUrl: string;
  readonly modelName: string;
  readonly modelNumber: string;
  readonly modelDescription: string;
  readonly serialNumber: string;
  /** Without "uuid:", lower case. */
  readonly udn: string;
  readonly presentationUrl: string;
  /** Of the root device and its embedded devices, sorted. */
  readonly serviceTypes: readonly string[];
}

const MAX_DEPTH = 24;
const MAX_ELEMENTS = 4_000;
const MAX_TEXT = 1_024;
const MAX_SERVICES = 64;

/** Names of the root device's own elements that are read. */
const FIELDS = [
  "deviceType",
  "friendlyName",
  "manufacturer",
  "manufacturerURL",
  "modelName",
  "modelNumber",
  "modelDescription",
  "serialNumber",
  "UDN",
  "presentationURL",
] as const;
type Field = (typeof FIELDS)[number];

/** @throws WireError for what is not well-formed, has a document type, is too deep or too long, or describes no device */
export function parseDescription(bytes: Uint8Array): Description {
  const parser = new SaxesParser();
  const path: string[] = [];
  const fields = new Map<Field, string>();
  const services = new Set<string>();
  let elements = 0;
  let devices = 0;
  let text = "";

  parser.on("error", () => {
    throw new WireError("the description is not well-formed XML");
  });
  parser.on("doctype", () => {
    throw new WireError("the description has a document type; we read no entities");
  });
  parser.on("opentag", (tag: SaxesTagPlain) => {
    if (++elements > MAX_ELEMENTS || path.length >= MAX_DEPTH) throw new WireError("the description is deeper or longer than we read");
    path.push(localName(tag.name));
    if (path.at(-1) === "device") devices++;
    text = "";
  });
  const take = (piece: string): void => {
    if (text.length < MAX_TEXT) text += piece.slice(0, MAX_TEXT - text.length);
  };
  parser.on("text", take);
  parser.on("cdata", take);
  parser.on("closetag", () => {
    const name = path.pop() ?? "";
    const parent = path.at(-1);
    if (name === "serviceType" && parent === "service" && services.size < MAX_SERVICES) services.add(clean(text, 128));
    // Only the first device at its place under <root>: embedded devices have fields of the same names.
    if (parent === "device" && path.length === 2 && path[0] === "root" && isField(name) && !fields.has(name))
      fields.set(name, clean(text, 256));
    text = "";
  });
  // A byte order mark is white space to nobody.
  parser
    .write(
      decodeText(bytes)
        .replace(/^\ufeff/, "")
        .trimStart(),
    )
    .close();
  if (devices === 0) throw new WireError("the document describes no device");
  return descriptionOf((name) => fields.get(name) ?? "", [...services].filter((s) => s !== "").sort());
}

function descriptionOf(at: (name: Field) => string, serviceTypes: readonly string[]): Description {
  return {
    deviceType: at("deviceType"),
    friendlyName: at("friendlyName"),
    manufacturer: at("manufacturer"),
    manufacturerUrl: at("manufacturerURL"),
    modelName: at("modelName"),
    modelNumber: at("modelNumber"),
    modelDescription: at("modelDescription"),
    serialNumber: at("serialNumber"),
    udn: at("UDN")
      .toLowerCase()
      .replace(/^uuid:/, ""),
    presentationUrl: at("presentationURL"),
    serviceTypes,
  };
}

function isField(name: string): name is Field {
  return (FIELDS as readonly string[]).includes(name);
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}
