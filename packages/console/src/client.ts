/** REST of the collector as the console uses it: same origin, session cookie, errors as RFC 9457 problem details. */
import type { Problem } from "@vedette/collector/api";

/** The collector answered with a problem. */
export class ProblemResponse extends Error {
  override readonly name = "ProblemResponse";
  readonly status: number;
  /** The part of the request to mend, where the collector names it. */
  readonly field: string | null;
  constructor(status: number, message: string, field: string | null) {
    super(message);
    this.status = status;
    this.field = field;
  }
}

/** No answer at all: the collector is gone, or the network between. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

export type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>;

interface Call {
  readonly query?: Query;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

const BASE = "/api/v1";
/** Without it a call that changes something is refused: pages of other origins cannot set it. */
const CSRF = { "x-vedette-console": "1" };

export function urlOf(path: string, query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined || value === "") continue;
    for (const each of Array.isArray(value) ? value : [String(value)]) params.append(key, each);
  }
  const text = params.toString();
  return `${BASE}${path}${text === "" ? "" : `?${text}`}`;
}

async function problemOf(response: Response): Promise<ProblemResponse> {
  let problem: Partial<Problem> = {};
  try {
    problem = (await response.json()) as Partial<Problem>;
  } catch {
    // A proxy's page, or nothing: the status says what there is to say.
  }
  return new ProblemResponse(response.status, problem.detail ?? problem.title ?? response.statusText, problem.field ?? null);
}

/** @throws ProblemResponse, Unreachable */
async function call<T>(method: string, path: string, { query, body, signal }: Call): Promise<T> {
  let response: Response;
  try {
    response = await fetch(urlOf(path, query), {
      method,
      credentials: "same-origin",
      headers: {
        accept: "application/json",
        ...(method === "GET" ? {} : CSRF),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (cause) {
    if (signal?.aborted === true) throw cause;
    throw new Unreachable("the collector does not answer", { cause });
  }
  if (!response.ok) throw await problemOf(response);
  return response.status === 204 ? (null as T) : ((await response.json()) as T);
}

export const client = {
  get: <T>(path: string, query?: Query, signal?: AbortSignal) =>
    call<T>("GET", path, { ...(query && { query }), ...(signal && { signal }) }),
  post: <T>(path: string, body?: unknown) => call<T>("POST", path, { body }),
  put: <T>(path: string, body: unknown) => call<T>("PUT", path, { body }),
  patch: <T>(path: string, body: unknown) => call<T>("PATCH", path, { body }),
  delete: (path: string) => call<null>("DELETE", path, {}),
};
