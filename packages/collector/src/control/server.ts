/** The gRPC service of agents (vedette.v1.AgentControlService): TLS, caps, deadlines, and one door for every refusal. */
import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import { Server, type ServerUnaryCall, type ServerWritableStream, type sendUnaryData, status } from "@grpc/grpc-js";
import {
  AgentControlService,
  type EnrollRequest,
  type EnrollResponseSchema,
  type NextTaskRequest,
  type NextTaskResponseSchema,
  type RenewNonceRequest,
  type RenewNonceResponseSchema,
  type RenewRequest,
  type RenewResponseSchema,
  type ReportStatusRequest,
  type ReportStatusResponseSchema,
  type WatchPolicyRequest,
  type WatchPolicyResponseSchema,
} from "@vedette/proto";
import { grpcDefinition } from "@vedette/proto/grpc";
import { ContentionError, LogUnavailableError } from "../document/log.ts";
import { CONTROL_STATUS, ControlError } from "./control-error.ts";
import { controlCredentials } from "./credentials.ts";
import { enrol } from "./enrol.ts";
import { addressOf, agentOf } from "./peer.ts";
import { renew } from "./renew.ts";
import { reportStatus } from "./report-status.ts";
import type { ControlContext } from "./types.ts";
import { PolicyStreams } from "./watch-policy.ts";

export interface ControlServerOptions {
  readonly cx: ControlContext;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** DNS names and addresses in the server's certificate. */
  readonly names: readonly string[];
  /** A fault of ours in a call; the agent only hears "internal". */
  readonly onFault: (error: unknown) => void;
}

/** The port is taken or may not be used: one sentence for whoever started us. */
export class ControlListenError extends Error {
  override readonly name = "ControlListenError";
}

const MAX_REQUEST_BYTES = 64 * 1_024;
const MAX_RESPONSE_BYTES = 1_024 * 1_024;
const CALL_MS = 15_000;
/** Longest wait of NextTask; shorter than the idle limits of proxies. */
const TASK_WAIT_MS = 25_000;

type Unary<Request, Response extends DescMessage> = (
  call: ServerUnaryCall<Request, MessageInitShape<Response>>,
  done: sendUnaryData<MessageInitShape<Response>>,
) => void;

export class ControlServer {
  readonly port: number;
  readonly #server: Server;
  readonly #close: () => void;

  private constructor(server: Server, port: number, close: () => void) {
    this.#server = server;
    this.port = port;
    this.#close = close;
  }

  /** @throws ControlListenError */
  static async start(options: ControlServerOptions): Promise<ControlServer> {
    const { cx } = options;
    const streams = new PolicyStreams();
    const server = new Server({
      "grpc.max_receive_message_length": MAX_REQUEST_BYTES,
      "grpc.max_send_message_length": MAX_RESPONSE_BYTES,
      "grpc.max_concurrent_streams": 64,
      "grpc.max_metadata_size": 8_192,
      "grpc.keepalive_time_ms": 30_000,
      "grpc.keepalive_timeout_ms": 10_000,
    });
    server.addService(grpcDefinition(AgentControlService), handlers(options, streams));
    const unsubscribe = cx.log.view.subscribe(({ document, current }) => {
      if (current?.kind !== "revocation") return;
      const identity = { tenant: document.tenant, site: current.body.site, agent: document.id };
      streams.cut(identity, refusal(new ControlError("forbidden", `agent ${document.id} was revoked`)));
      cx.presence.gone(identity);
    });
    const tls = await controlCredentials(cx.keys.authority, options.names, cx.now);
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(`${options.host}:${options.port}`, tls.credentials, (error, bound) => {
        if (error === null) resolve(bound);
        else
          reject(
            new ControlListenError(`grpc: ${options.host}:${options.port} cannot be used; free the port or set another`, { cause: error }),
          );
      });
    });
    return new ControlServer(server, port, () => {
      unsubscribe();
      streams.endAll();
      tls.close();
    });
  }

  /** Ends the policy streams, and whatever is still open after a second. */
  async stop(): Promise<void> {
    this.#close();
    const forced = setTimeout(() => this.#server.forceShutdown(), 1_000);
    await new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve()));
    clearTimeout(forced);
  }
}

function handlers({ cx, onFault }: ControlServerOptions, streams: PolicyStreams) {
  /** Every unary call: its own deadline, and every throw becomes a status. */
  const unary =
    <Request, Response extends DescMessage>(
      act: (call: ServerUnaryCall<Request, MessageInitShape<Response>>) => Promise<MessageInitShape<Response>>,
      limitMs = CALL_MS,
    ): Unary<Request, Response> =>
    (call, done) => {
      withLimit(act(call), limitMs).then(
        (answer) => done(null, answer),
        (error: unknown) => done(refusal(error, onFault)),
      );
    };
  const known = (call: Parameters<typeof agentOf>[0]) => {
    const identity = agentOf(call, cx);
    if (!cx.rates.call.take(identity.agent)) throw new ControlError("too-many", "calls: too many of this agent; wait a second");
    cx.presence.heard(identity);
    return identity;
  };
  return {
    enroll: unary<EnrollRequest, typeof EnrollResponseSchema>((call) => enrol(cx, call.request, addressOf(call))),
    renewNonce: unary<RenewNonceRequest, typeof RenewNonceResponseSchema>(async (call) => {
      if (!cx.rates.nonce.take(addressOf(call))) throw new ControlError("too-many", "nonce: too many from this address; wait a minute");
      return { nonce: cx.nonces.issue(call.request.agent) };
    }),
    renew: unary<RenewRequest, typeof RenewResponseSchema>((call) => renew(cx, call.request, call)),
    nextTask: unary<NextTaskRequest, typeof NextTaskResponseSchema>(async (call) => {
      const identity = known(call);
      const gone = new AbortController();
      call.once("cancelled", () => gone.abort());
      const task = await cx.tasks.next(identity, AbortSignal.any([gone.signal, AbortSignal.timeout(TASK_WAIT_MS)]));
      return task === null ? {} : { task: task.id, probe: task.probe, subject: task.subject };
    }, TASK_WAIT_MS + CALL_MS),
    reportStatus: unary<ReportStatusRequest, typeof ReportStatusResponseSchema>(async (call) =>
      reportStatus(cx, known(call), call.request),
    ),
    watchPolicy: (call: ServerWritableStream<WatchPolicyRequest, MessageInitShape<typeof WatchPolicyResponseSchema>>) => {
      try {
        streams.watch(cx, known(call), call);
      } catch (error) {
        call.emit("error", refusal(error, onFault));
      }
    },
  };
}

async function withLimit<T>(work: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ControlError("unavailable", "the centre did not manage in time; try again")), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A refusal keeps its sentence; anything else is our fault and says nothing of itself. */
function refusal(error: unknown, onFault?: (error: unknown) => void): Error & { code: status; details: string } {
  if (error instanceof ControlError)
    return Object.assign(new Error(error.message), { code: CONTROL_STATUS[error.code], details: error.message });
  onFault?.(error);
  if (error instanceof LogUnavailableError || error instanceof ContentionError) {
    return refusal(new ControlError("unavailable", "the centre cannot store anything now; try again"));
  }
  return Object.assign(new Error("internal"), { code: status.INTERNAL, details: "the centre failed; its log says why" });
}
