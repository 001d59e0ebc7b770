/**
 * Facts per probe: which protobuf messages hold them, and their JSON form.
 * Adding a probe adds one line to `FACTS`.
 */
import {
  type DescMessage,
  fromBinary,
  fromJson,
  type JsonObject,
  type JsonValue,
  type Message,
  type MessageShape,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import * as f from "./gen/vedette/v1/facts_pb.js";

export const FACTS = {
  "ssdp.search": { posture: f.SsdpSearchPostureSchema, volatile: f.SsdpSearchVolatileSchema },
  "ssdp.notify": { posture: f.SsdpNotifyPostureSchema, volatile: f.SsdpNotifyVolatileSchema },
  "mdns.browse": { posture: f.MdnsBrowsePostureSchema, volatile: f.MdnsBrowseVolatileSchema },
  "snmp.system": { posture: f.SnmpSystemPostureSchema, volatile: f.SnmpSystemVolatileSchema },
  "snmp.topology": { posture: f.SnmpTopologyPostureSchema, volatile: f.SnmpTopologyVolatileSchema },
  "upnp.description": { posture: f.UpnpDescriptionPostureSchema, volatile: f.UpnpDescriptionVolatileSchema },
  "tcp.connect": { posture: f.TcpConnectPostureSchema, volatile: f.TcpConnectVolatileSchema },
  "tls.handshake": { posture: f.TlsHandshakePostureSchema, volatile: f.TlsHandshakeVolatileSchema },
  "tls.certificate": { posture: f.TlsCertificatePostureSchema, volatile: f.TlsCertificateVolatileSchema },
  "http.root": { posture: f.HttpRootPostureSchema, volatile: f.HttpRootVolatileSchema },
  "rtsp.describe": { posture: f.RtspDescribePostureSchema, volatile: f.RtspDescribeVolatileSchema },
  "wifi.bss": { posture: f.WifiBssPostureSchema, volatile: f.WifiBssVolatileSchema },
  "wsd.probe": { posture: f.WsdProbePostureSchema, volatile: f.WsdProbeVolatileSchema },
  "onvif.device": { posture: f.OnvifDevicePostureSchema, volatile: f.OnvifDeviceVolatileSchema },
  "agent.gap": { posture: f.AgentGapPostureSchema, volatile: f.AgentGapVolatileSchema },
  "agent.alive": { posture: f.AgentAlivePostureSchema, volatile: f.AgentAliveVolatileSchema },
} as const satisfies Record<string, { posture: DescMessage; volatile: DescMessage }>;

/** What an agent says of itself, no looks at anything: they travel and are stored as observations (docs/observation.md). */
export const GAP = "agent.gap";
export const ALIVE = "agent.alive";
const OF_ITSELF: ReadonlySet<string> = new Set([GAP, ALIVE]);
/** Everything that an observation may carry facts of. */
export type FactsId = keyof typeof FACTS;
export type ProbeId = Exclude<FactsId, typeof GAP | typeof ALIVE>;
export const PROBE_IDS = Object.keys(FACTS).filter(isProbeId);

export function isProbeId(id: string): id is ProbeId {
  return isFactsId(id) && !OF_ITSELF.has(id);
}

export function isFactsId(id: string): id is FactsId {
  return Object.hasOwn(FACTS, id);
}

export type PostureOf<P extends FactsId> = MessageShape<(typeof FACTS)[P]["posture"]>;
export type VolatileOf<P extends FactsId> = MessageShape<(typeof FACTS)[P]["volatile"]>;

/** The plain form of a facts message: what stands in observations' JSON, assess input and evidence. */
export type Plain<T> = T extends Message
  ? { [K in keyof T as K extends "$typeName" | "$unknown" ? never : K]: Plain<T[K]> }
  : T extends readonly (infer E)[]
    ? Plain<E>[]
    : T;

export type Posture<P extends FactsId> = Plain<PostureOf<P>>;
export type Volatile<P extends FactsId> = Plain<VolatileOf<P>>;

/** Posture and volatile facts as one plain object, in camelCase. */
export type FactsOf<P extends FactsId> = Posture<P> & Partial<Volatile<P>>;

export interface EncodedFacts {
  readonly posture: Uint8Array;
  readonly volatile: Uint8Array;
}

export function encodeFacts<P extends FactsId>(probe: P, posture: PostureOf<P>, volatile: VolatileOf<P>): EncodedFacts {
  const d = FACTS[probe];
  return {
    posture: toBinary(d.posture as DescMessage, posture as Message),
    volatile: toBinary(d.volatile as DescMessage, volatile as Message),
  };
}

function plain(schema: DescMessage, bytes: Uint8Array): object {
  return toJson(schema, fromBinary(schema, bytes), { alwaysEmitImplicit: true }) as object;
}

/** @throws where the bytes are not that probe's messages */
export function decodePosture<P extends FactsId>(probe: P, posture: Uint8Array): Posture<P> {
  return plain(FACTS[probe].posture, posture) as Posture<P>;
}

/** @throws where the bytes are not that probe's messages */
export function decodeVolatile<P extends FactsId>(probe: P, volatile: Uint8Array): Volatile<P> {
  return plain(FACTS[probe].volatile, volatile) as Volatile<P>;
}

export class FactsError extends Error {
  override readonly name = "FactsError";
}

function has(schema: DescMessage, key: string): boolean {
  return schema.fields.some((field) => field.jsonName === key);
}

function reread(schema: DescMessage, json: JsonObject): object {
  return toJson(schema, fromJson(schema, json), { alwaysEmitImplicit: true }) as object;
}

/**
 * Facts from the plain form that people and files write: checked against the probe's messages, absent lists and scalars filled in.
 * Volatile facts stay absent where none is given.
 * @throws FactsError naming the field that does not fit
 */
export function parseFacts<P extends FactsId>(probe: P, json: unknown): FactsOf<P> {
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw new FactsError(`${probe}: facts must be an object`);
  const { posture, volatile } = FACTS[probe];
  const parts: { posture: JsonObject; volatile: JsonObject } = { posture: {}, volatile: {} };
  for (const [key, value] of Object.entries(json as Record<string, JsonValue>)) {
    if (has(posture, key)) parts.posture[key] = value;
    else if (has(volatile, key)) parts.volatile[key] = value;
    else throw new FactsError(`${probe}: there is no fact "${key}"`);
  }
  try {
    const rest = Object.keys(parts.volatile).length === 0 ? {} : reread(volatile, parts.volatile);
    return { ...reread(posture, parts.posture), ...rest } as FactsOf<P>;
  } catch (error) {
    throw new FactsError(`${probe}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
