/** The web page of a device: what GET / and the UPnP description answer. */
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { Server } from "node:net";
import type { TlsOptions } from "node:tls";
import type { HttpForm } from "../form.ts";

export interface HttpContext {
  /** The form that holds now: it may change while the server runs. */
  form(): HttpForm;
  /** Host and port of the device's HTTPS service, for redirects; null where it has none. */
  secureOrigin(): string | null;
  description(): string;
  now(): number;
}

function page(title: string, login: boolean): string {
  const form = login
    ? '<form method="post" action="/login"><input name="user" type="text"><input name="password" type="password"><button>Log in</button></form>'
    : "<p>Status: ready</p>";
  return `<!doctype html><html><head><title>${title}</title></head><body><h1>${title}</h1>${form}</body></html>`;
}

/** Every credential is refused, so a challenge is all that anybody gets. */
function challenge(scheme: "Basic" | "Digest", realm: string): string {
  if (scheme === "Basic") return `Basic realm="${realm}"`;
  return `Digest realm="${realm}", qop="auth", algorithm=MD5, nonce="${randomBytes(16).toString("hex")}"`;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const html = (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  type: "text/html; charset=utf-8",
  body,
  headers,
});

function answerTo(context: HttpContext, method: string, path: string): Answer {
  const form = context.form();
  const { root } = form;
  if (method !== "GET" && method !== "HEAD") return { status: 405, type: "text/plain", body: "method not allowed\n" };
  if (form.descriptionPath !== undefined && path === form.descriptionPath) {
    return { status: 200, type: 'text/xml; charset="utf-8"', body: context.description() };
  }
  if (root.kind === "challenge") {
    return html(401, page("401 Unauthorized", false), { "WWW-Authenticate": challenge(root.scheme, root.realm) });
  }
  const origin = context.secureOrigin();
  if (root.kind === "redirect-https" && origin !== null) return html(302, page("Moved", false), { Location: `${origin}${path}` });
  if (path !== "/") return html(404, page("404 Not Found", false));
  const secure = form.tls === undefined ? {} : { "Strict-Transport-Security": "max-age=31536000" };
  return html(200, root.kind === "page" ? page(root.title, root.login) : page("Device", false), secure);
}

function serve(context: HttpContext, request: IncomingMessage, response: ServerResponse): void {
  const form = context.form();
  const path = (request.url ?? "/").split("?")[0] || "/";
  const { status, type, body, headers = {} } = answerTo(context, request.method ?? "", path);
  response.sendDate = false;
  response.writeHead(status, {
    Server: form.server,
    Date: new Date(context.now() + (form.clockSkewMs ?? 0)).toUTCString(),
    Connection: "close",
    "Content-Type": type,
    "Content-Length": Buffer.byteLength(body),
    ...headers,
  });
  response.end(request.method === "HEAD" ? "" : body);
}

/** @param tls absent: plain HTTP. */
export function httpServer(context: HttpContext, tls?: TlsOptions): Server {
  const listener: RequestListener = (request, response) => serve(context, request, response);
  const limits = { headersTimeout: 10_000, requestTimeout: 10_000, maxHeaderSize: 16_384 };
  return tls === undefined ? createServer(limits, listener) : createSecureServer({ ...limits, ...tls }, listener);
}
