/** Errors of the API as RFC 9457 problem details. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";
import { type ServiceCode, ServiceError } from "../service/service-error.ts";
import { isStoreAway } from "../store/index.ts";
import type { Problem } from "./shape.ts";

const TITLES: Readonly<Record<number, string>> = {
  400: "The request is not right",
  401: "Sign in first",
  403: "Not permitted",
  404: "Not found",
  409: "It has changed meanwhile",
  413: "Too large",
  415: "Not JSON",
  429: "Too many requests",
  503: "Not ready",
};

const SERVICE_STATUS: Readonly<Record<ServiceCode, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  "not-found": 404,
  conflict: 409,
  locked: 429,
  "too-many": 429,
  unavailable: 503,
};

/** What is away comes back by itself: whoever asks again may wait so long, s. */
const RETRY_AFTER_S = 5;

/** Thrown by routes and services; `field` names the part of the request to mend. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly statusCode: number;
  readonly field: string | undefined;
  constructor(statusCode: number, detail: string, field?: string) {
    super(detail);
    this.statusCode = statusCode;
    this.field = field;
  }
}

export function problem(status: number, detail?: string, field?: string): Problem {
  return {
    type: "about:blank",
    title: TITLES[status] ?? "It could not be done",
    status,
    ...(detail && { detail }),
    ...(field && { field }),
  };
}

function send(reply: FastifyReply, status: number, detail?: string, field?: string): FastifyReply {
  // RFC 9110, 15.5.2: a 401 says how to authenticate.
  if (status === 401) reply.header("www-authenticate", "Bearer");
  if (status === 503) reply.header("retry-after", RETRY_AFTER_S);
  return reply
    .code(status)
    .type("application/problem+json")
    .send(problem(status, detail, field));
}

/** What a person did wrong is said in a sentence; what we did wrong goes to the log alone. */
export function sendProblem(error: FastifyError | ProblemError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof ProblemError) return send(reply, error.statusCode, error.message, error.field);
  if (error instanceof ServiceError) return send(reply, SERVICE_STATUS[error.code], error.message, error.field ?? undefined);
  if (hasZodFastifySchemaValidationErrors(error)) {
    const first = error.validation[0];
    const field = first?.instancePath.replaceAll("/", ".").replace(/^\./, "") ?? "";
    return send(reply, 400, `${field === "" ? error.validationContext : field}: ${first?.message ?? "not valid"}`, field);
  }
  if (isStoreAway(error)) {
    request.log.warn({ err: error, route: request.routeOptions.url }, "the store could not answer a request");
    return send(reply, 503, "the store does not answer; try again in a few seconds");
  }
  const status = error.statusCode ?? 500;
  // Fastify's own refusals (FST_ERR_CTP_BODY_TOO_LARGE …) are written for the caller; of any other library's error only the status is told.
  if (status < 500) return send(reply, status, status === 429 || error.code?.startsWith("FST_") ? error.message : undefined);
  request.log.error({ err: error, route: request.routeOptions.url }, "a request failed");
  return send(reply, 500);
}

export function installProblems(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) => send(reply, 404, `nothing is served at ${request.method} ${request.url.split("?")[0]}`));
  app.setErrorHandler(sendProblem);
}
