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

function answer(context: HttpContext, request: IncomingMessage, response: ServerResponse): void {
  const form = context.form();
  const path = (request.url ?? "/").split("?")[0];
  response.sendDate = false;
  response.setHeader("Server", form.server);
  response.setHeader("Date", new Date(context.now() + (form.clockSkewMs ?? 0)).toUTCString());
  response.setHeader("Connection", "close");
  const send = (status: number, type: string, body: string) => {
    response.writeHead(status, { "Content-Type": type, "Content-Length": Buffer.byteLength(body) });
    response.end(request.method === "HEAD" ? "" : body);
  };
  if (request.method !== "GET" && request.method !== "HEAD") return send(405, "text/plain", "method not allowed\n");
  if (form.descriptionPath !== undefined && path === form.descriptionPath)
    return send(200, 'text/xml; charset="utf-8"', context.description());
  const { root } = form;
  if (root.kind === "challenge") {
    response.setHeader("WWW-Authenticate", challenge(root.scheme, root.realm));
    return send(401, "text/html", page("401 Unauthorized", false));
  }
  const origin = context.secureOrigin();
  if (root.kind === "redirect-https" && origin !== null) {
    response.setHeader("Location", `${origin}${path === "/" ? "/" : path}`);
    return send(302, "text/html", page("Moved", false));
  }
  if (path !== "/") return send(404, "text/html", page("404 Not Found", false));
  if (form.tls !== undefined) response.setHeader("Strict-Transport-Security", "max-age=31536000");
  return send(200, "text/html; charset=utf-8", root.kind === "page" ? page(root.title, root.login) : page("Device", false));
}

/** @param tls absent: plain HTTP. */
export function httpServer(context: HttpContext, tls?: TlsOptions): Server {
  const listener: RequestListener = (request, response) => answer(context, request, response);
  const limits = { headersTimeout: 10_000, requestTimeout: 10_000, maxHeaderSize: 16_384 };
  return tls === undefined ? createServer(limits, listener) : createSecureServer({ ...limits, ...tls }, listener);
}
