/** Cursors are opaque to callers: base64url of a short JSON array. They come back from anywhere, so each list says what its own look like. */
import { z } from "zod";
import { MAX_MS, MIN_MS } from "../store/time.ts";
import { ProblemError } from "./problem.ts";

/** ms, a time that the store can hold. */
export const CursorTime = z.number().int().min(MIN_MS).max(MAX_MS);
export const CursorText = z.string().max(300);

/** The field of a query. */
export const Cursor = z.string().max(4096);

export function encodeCursor(parts: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(parts)).toString("base64url");
}

/** @throws ProblemError 400 where the text is not one of our cursors */
export function decodeCursor<T>(text: string, shape: z.ZodType<T>, field = "cursor"): T {
  const parsed = shape.safeParse(parse(text));
  if (parsed.success) return parsed.data;
  throw new ProblemError(400, `${field}: not a cursor of this list; leave it out to start at the beginning`, field);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
  } catch {
    return null;
  }
}
