/** SNMPv2c messages: what is asked and what comes back. RFC 1901, RFC 3416. */
import { WireError } from "../../net/wire-error.ts";
import { BerReader, element, integer, oid, readInteger, readOid, readUnsigned, TAG } from "./ber.ts";

const GET = 0xa0;
const RESPONSE = 0xa2;
const GET_BULK = 0xa5;
const V2C = 1;

/** RFC 3416 4.1: more bindings than fit any datagram that we take. */
const MAX_BINDINGS = 1024;

export type Value =
  | { readonly kind: "octets"; readonly bytes: Uint8Array }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "oid"; readonly value: string }
  /** noSuchObject, noSuchInstance, endOfMibView, NULL, and types that we do not use. */
  | { readonly kind: "none" };

export interface Binding {
  readonly oid: string;
  readonly value: Value;
}

export interface Response {
  readonly requestId: number;
  /** RFC 3416 3: 0 noError, 1 tooBig, 2 noSuchName, 5 genErr, ... */
  readonly errorStatus: number;
  readonly bindings: readonly Binding[];
}

export function encodeGet(community: string, requestId: number, oids: readonly string[]): Uint8Array {
  return encode(GET, community, [requestId, 0, 0], oids);
}

export function encodeGetBulk(community: string, requestId: number, maxRepetitions: number, oids: readonly string[]): Uint8Array {
  return encode(GET_BULK, community, [requestId, 0, maxRepetitions], oids);
}

function encode(pdu: number, community: string, [id, second, third]: [number, number, number], oids: readonly string[]): Uint8Array {
  const bindings = oids.map((o) => element(TAG.sequence, oid(o), element(TAG.null)));
  return element(
    TAG.sequence,
    integer(V2C),
    element(TAG.octets, Buffer.from(community, "latin1")),
    element(pdu, integer(id), integer(second), integer(third), element(TAG.sequence, ...bindings)),
  );
}

/** A Response-PDU of version 2c; the community that it bears is not looked at. @throws WireError */
export function decodeResponse(bytes: Uint8Array): Response {
  const message = new BerReader(new BerReader(bytes).expect(TAG.sequence));
  if (readInteger(message.expect(TAG.integer)) !== V2C) throw new WireError("the version is not 2c");
  message.expect(TAG.octets);
  const pdu = new BerReader(message.expect(RESPONSE));
  const requestId = readInteger(pdu.expect(TAG.integer));
  const errorStatus = readInteger(pdu.expect(TAG.integer));
  pdu.expect(TAG.integer);
  const list = new BerReader(pdu.expect(TAG.sequence));
  const bindings: Binding[] = [];
  while (!list.done) {
    if (bindings.length === MAX_BINDINGS) throw new WireError("more bindings than we read");
    const binding = new BerReader(list.expect(TAG.sequence));
    bindings.push({ oid: readOid(binding.expect(TAG.oid)), value: readValue(binding) });
  }
  return { requestId, errorStatus, bindings };
}

function readValue(binding: BerReader): Value {
  const { tag, content } = binding.next();
  switch (tag) {
    case TAG.octets:
      return { kind: "octets", bytes: content };
    case TAG.oid:
      // Some agents answer with an empty OID where they have none.
      return content.length === 0 ? { kind: "none" } : { kind: "oid", value: readOid(content) };
    case TAG.integer:
      return { kind: "number", value: readInteger(content) };
    case TAG.counter32:
    case TAG.gauge32:
    case TAG.timeTicks:
      return { kind: "number", value: readUnsigned(content) };
    default:
      return { kind: "none" };
  }
}
