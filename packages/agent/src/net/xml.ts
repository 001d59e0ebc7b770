/** XML from the network, read once from front to back: no document type, no entities but the five of XML, everything capped. XML 1.0, Namespaces in XML 1.0. */
import { SaxesParser, type SaxesTagPlain } from "saxes";
import { decodeText } from "./text.ts";
import { WireError } from "./wire-error.ts";

const MAX_DEPTH = 24;
const MAX_ELEMENTS = 4_000;
/** UTF-16 units of text kept of one element. */
const MAX_TEXT = 16_384;

/** An element at its end. */
export interface XmlElement {
  /** Local names from the root to this element. */
  readonly path: readonly string[];
  /** Text behind the last child, as written, entities resolved: of an element without children, its text. */
  readonly text: string;
  /** Value of the attribute of that local name; "" where there is none. */
  attribute(name: string): string;
  /** Namespace that a prefix stands for here; undefined where nothing declares it. */
  namespace(prefix: string): string | undefined;
}

interface Open {
  readonly attributes: Readonly<Record<string, string>>;
}

/** Calls `closed` for each element, children first. @throws WireError for what is not well-formed, has a document type, is too deep or too long */
export function readXml(bytes: Uint8Array, closed: (element: XmlElement) => void): void {
  const parser = new SaxesParser();
  const path: string[] = [];
  const open: Open[] = [];
  let elements = 0;
  let text = "";

  parser.on("error", () => {
    throw new WireError("the document is not well-formed XML");
  });
  parser.on("doctype", () => {
    throw new WireError("the document has a document type; we read no entities");
  });
  parser.on("opentag", (tag: SaxesTagPlain) => {
    if (++elements > MAX_ELEMENTS || path.length >= MAX_DEPTH) throw new WireError("the document is deeper or longer than we read");
    path.push(localName(tag.name));
    open.push(tag);
    text = "";
  });
  const take = (piece: string): void => {
    if (text.length < MAX_TEXT) text += piece.slice(0, MAX_TEXT - text.length);
  };
  parser.on("text", take);
  parser.on("cdata", take);
  parser.on("closetag", () => {
    closed({
      path: [...path],
      text,
      attribute: (name) => attributeOf(open.at(-1), name),
      namespace: (prefix) => namespaceOf(open, prefix),
    });
    path.pop();
    open.pop();
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
}

function attributeOf(element: Open | undefined, name: string): string {
  for (const [key, value] of Object.entries(element?.attributes ?? {})) if (localName(key) === name) return value;
  return "";
}

function namespaceOf(open: readonly Open[], prefix: string): string | undefined {
  const name = prefix === "" ? "xmlns" : `xmlns:${prefix}`;
  const by = open.findLast(({ attributes }) => Object.hasOwn(attributes, name));
  return by?.attributes[name];
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}
