/** The root device description. UPnP Device Architecture 2.0, 2.3. */
import { clean } from "../../net/text.ts";
import { WireError } from "../../net/wire-error.ts";
import { readXml } from "../../net/xml.ts";

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
  const fields = new Map<Field, string>();
  const services = new Set<string>();
  let devices = 0;
  readXml(bytes, ({ path, text }) => {
    const [name = "", parent] = path.toReversed();
    if (name === "device") devices++;
    if (name === "serviceType" && parent === "service" && services.size < MAX_SERVICES) services.add(clean(text, 128));
    // Only the first device at its place under <root>: embedded devices have fields of the same names.
    if (parent === "device" && path.length === 3 && path[0] === "root" && isField(name) && !fields.has(name))
      fields.set(name, clean(text, 256));
  });
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
