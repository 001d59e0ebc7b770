/** The agent's side of vedette.v1.AgentControlService: typed calls with deadlines, streams that end with a signal. */
import { createHash, sign } from "node:crypto";
import { isIP } from "node:net";
import { checkServerIdentity } from "node:tls";
import { Client, credentials, Metadata, status } from "@grpc/grpc-js";
import {
  AgentControlService,
  type EnrollResponse,
  type NextTaskResponse,
  type RenewResponse,
  type ReportStatusResponse,
  renewalBytes,
  type SignedPolicy,
} from "@vedette/proto";
import { type GrpcMethod, grpcDefinition } from "@vedette/proto/grpc";
import { certificatePem, certificateRequest, type Keys, type StoredIdentity } from "./identity.ts";

const DEFINITION = grpcDefinition(AgentControlService);
const CALL_MS = 10_000;
/** The centre answers an empty task well before this. */
const POLL_MS = 90_000;
/** Policies and tasks are small; more is a fault of the other side. */
const MESSAGE_BYTES = 1024 ** 2;

/** SNI carries names, not addresses (RFC 6066, 3): this one is sent for an address, and the certificate is checked for the address. */
const NAMELESS = "centre.invalid";

function hostOf(grpc: string): string {
  return grpc.slice(0, grpc.lastIndexOf(":")).replace(/^\[(.*)\]$/, "$1");
}

/** The call ended with a gRPC status; `isFinal` where asking again in the same way cannot help. */
export class ControlError extends Error {
  override readonly name = "ControlError";
  readonly code: number;
  constructor(code: number, details: string, options?: ErrorOptions) {
    super(`the centre answered ${status[code] ?? code}${details === "" ? "" : `: ${details}`}`, options);
    this.code = code;
  }
  get isFinal(): boolean {
    return ([status.UNAUTHENTICATED, status.PERMISSION_DENIED, status.INVALID_ARGUMENT, status.NOT_FOUND] as number[]).includes(this.code);
  }
}

export type StatusReport = Parameters<(typeof DEFINITION)["reportStatus"]["requestSerialize"]>[0];

export interface Control {
  enroll(token: string, keys: Keys, agentVersion: string, hostName: string): Promise<EnrollResponse>;
  /** With the client certificate that this connection has. */
  renew(keys: Keys): Promise<RenewResponse>;
  /** Without one: signs the request and a nonce of the centre by the enrolled key (ECDSA with SHA-256, DER), as after a long time offline. */
  renewBySignature(agent: string, keys: Keys): Promise<RenewResponse>;
  /** Yields policies until the signal or the stream ends. @throws ControlError */
  watchPolicy(haveVersion: number, signal: AbortSignal): AsyncGenerator<SignedPolicy>;
  /** Waits for a task; its `task` is empty where none came. */
  nextTask(signal: AbortSignal): Promise<NextTaskResponse>;
  reportStatus(report: StatusReport): Promise<ReportStatusResponse>;
  close(): void;
}

export interface Centre {
  /** host:port */
  readonly grpc: string;
  /** The only CA trusted, base64 DER. */
  readonly ca: string;
  /** Absent: no client certificate is shown. */
  readonly certificate?: Pick<StoredIdentity, "certificates" | "key">;
}

export function centreOf(identity: StoredIdentity): Centre {
  return { grpc: identity.grpc, ca: identity.ca, certificate: identity };
}

export function connectControl(centre: Centre): Control {
  const own = centre.certificate;
  const host = hostOf(centre.grpc);
  const channel = credentials.createSsl(
    Buffer.from(certificatePem(centre.ca)),
    own === undefined ? null : Buffer.from(own.key),
    own === undefined ? null : Buffer.from(own.certificates.map(certificatePem).join("")),
    { checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate) },
  );
  const client = new Client(centre.grpc, channel, {
    "grpc.max_receive_message_length": MESSAGE_BYTES,
    "grpc.keepalive_time_ms": 20_000,
    "grpc.keepalive_timeout_ms": 10_000,
    ...(isIP(host) === 0 ? {} : { "grpc.ssl_target_name_override": NAMELESS }),
  });

  function unary<Q, A, I, O>(m: GrpcMethod<Q, A, I, O>, request: I, deadlineMs = CALL_MS, signal?: AbortSignal): Promise<A> {
    return new Promise((resolve, reject) => {
      const call = client.makeUnaryRequest(
        m.path,
        m.requestSerialize,
        m.responseDeserialize,
        request,
        new Metadata(),
        { deadline: Date.now() + deadlineMs },
        (error, answer) => {
          signal?.removeEventListener("abort", stop);
          if (error !== null) reject(new ControlError(error.code, error.details, { cause: error }));
          else if (answer === undefined) reject(new ControlError(status.INTERNAL, "no message"));
          else resolve(answer);
        },
      );
      const stop = () => call.cancel();
      if (signal?.aborted === true) stop();
      signal?.addEventListener("abort", stop, { once: true });
    });
  }

  async function request(keys: Keys) {
    return { csr: await certificateRequest(keys.key), natsUserKey: keys.natsUserKey };
  }

  return {
    enroll: async (token, keys, agentVersion, hostName) =>
      unary(DEFINITION.enroll, { token, ...(await request(keys)), agentVersion, hostName }),
    renew: async (keys) => unary(DEFINITION.renew, await request(keys)),

    async renewBySignature(agent, keys) {
      const { nonce } = await unary(DEFINITION.renewNonce, { agent });
      const told = await request(keys);
      return unary(DEFINITION.renew, { ...told, agent, nonce, signature: sign("sha256", renewalBytes({ nonce, ...told }), keys.key) });
    },

    async *watchPolicy(haveVersion, signal) {
      const m = DEFINITION.watchPolicy;
      const stream = client.makeServerStreamRequest(m.path, m.requestSerialize, m.responseDeserialize, { haveVersion }, new Metadata());
      const stop = () => stream.cancel();
      if (signal.aborted) stop();
      signal.addEventListener("abort", stop, { once: true });
      try {
        for await (const answer of stream as AsyncIterable<{ policy?: SignedPolicy }>) if (answer.policy !== undefined) yield answer.policy;
      } catch (cause) {
        if (signal.aborted) return;
        const { code = status.UNKNOWN, details = "" } = cause as { code?: number; details?: string };
        throw new ControlError(code, details, { cause });
      } finally {
        signal.removeEventListener("abort", stop);
        stream.cancel();
      }
    },

    nextTask: (signal) => unary(DEFINITION.nextTask, {}, POLL_MS, signal),
    reportStatus: (report) => unary(DEFINITION.reportStatus, report),
    close: () => client.close(),
  };
}

/** SHA-256 of the pinned CA, for people to compare. */
export function caFingerprint(base64Der: string): string {
  return createHash("sha256").update(Buffer.from(base64Der, "base64")).digest("hex");
}
