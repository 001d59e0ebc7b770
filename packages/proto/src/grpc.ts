/**
 * A gRPC service definition from a generated service descriptor, so that client and server share one and no second code generator is needed.
 * Depends on the shape of a definition only; both sides hand it to @grpc/grpc-js.
 */
import {
  create,
  type DescMessage,
  type DescMethod,
  type DescService,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";

/** What @grpc/grpc-js calls MethodDefinition. */
export interface GrpcMethod<Request, Response, RequestInit, ResponseInit> {
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly requestSerialize: (value: RequestInit) => Buffer;
  readonly requestDeserialize: (bytes: Buffer) => Request;
  readonly responseSerialize: (value: ResponseInit) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Response;
}

type Methods<S extends DescService> = S["method"];

/** The definition of a service, keyed by the method's camelCase name. */
export type GrpcDefinition<S extends DescService> = {
  readonly [K in keyof Methods<S> & string]: Methods<S>[K] extends {
    input: infer I extends DescMessage;
    output: infer O extends DescMessage;
  }
    ? GrpcMethod<MessageShape<I>, MessageShape<O>, MessageInitShape<I>, MessageInitShape<O>>
    : never;
};

function serialize(schema: DescMessage): (value: unknown) => Buffer {
  return (value) => {
    const bytes = toBinary(schema, create(schema, value as MessageInitShape<DescMessage>));
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
}

function deserialize(schema: DescMessage): (bytes: Buffer) => MessageShape<DescMessage> {
  return (bytes) => fromBinary(schema, bytes);
}

function method(service: DescService, m: DescMethod): GrpcMethod<unknown, unknown, unknown, unknown> {
  return {
    path: `/${service.typeName}/${m.name}`,
    requestStream: m.methodKind === "client_streaming" || m.methodKind === "bidi_streaming",
    responseStream: m.methodKind === "server_streaming" || m.methodKind === "bidi_streaming",
    requestSerialize: serialize(m.input),
    requestDeserialize: deserialize(m.input),
    responseSerialize: serialize(m.output),
    responseDeserialize: deserialize(m.output),
  };
}

/**
 * `new grpc.Server().addService(grpcDefinition(AgentControlService), {...})`, or
 * `new (grpc.makeGenericClientConstructor(grpcDefinition(AgentControlService), "AgentControl"))(address, credentials)`.
 * Messages may be given as plain initialisers; what arrives is the decoded message.
 */
export function grpcDefinition<S extends DescService>(service: S): GrpcDefinition<S> {
  return Object.fromEntries(service.methods.map((m) => [m.localName, method(service, m)])) as unknown as GrpcDefinition<S>;
}
