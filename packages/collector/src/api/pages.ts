/** The console's built pages: one page for every screen, and its assets, whose names carry their hash. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import statics from "@fastify/static";
import type { FastifyInstance } from "fastify";

/** The page, or null where no console was built. */
export function readPage(folder: string | undefined): Buffer | null {
  const file = folder === undefined ? "" : join(folder, "index.html");
  return existsSync(file) ? readFileSync(file) : null;
}

/** Sources (CSP) of the style elements that the page carries itself, if any. */
export function inlineStyles(page: Buffer | null): string[] {
  return [...(page?.toString("utf8") ?? "").matchAll(/<style[^>]*>([^<]*)<\/style>/g)].map(
    ([, text = ""]) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`,
  );
}

export async function servePages(app: FastifyInstance, folder: string, page: Buffer): Promise<void> {
  const open = { config: { access: "public" as const }, schema: { hide: true } };
  await app.register(statics, { root: join(folder, "assets"), serve: false, dotfiles: "ignore" });
  app.get<{ Params: { "*": string } }>("/assets/*", open, (request, reply) =>
    reply.sendFile(request.params["*"], { immutable: true, maxAge: "365d" }),
  );
  for (const path of ["/", "/index.html"]) {
    app.get(path, open, (_request, reply) => reply.type("text/html; charset=utf-8").header("cache-control", "no-cache").send(page));
  }
  // Every other path without a dot is a screen of the console: its links can be opened and reloaded.
  app.get("/*", open, (request, reply) => {
    const path = request.url.split("?")[0] ?? "";
    if (path.startsWith("/api/") || path.includes(".")) return reply.callNotFound();
    return reply.type("text/html; charset=utf-8").header("cache-control", "no-cache").send(page);
  });
}
