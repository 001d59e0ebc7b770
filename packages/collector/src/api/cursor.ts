/** Cursors are opaque to callers: base64url of a short JSON array. */
import { ProblemError } from "./problem.ts";

export function encodeCursor(parts: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(parts)).toString("base64url");
}

/** @throws ProblemError 400 where the text is not one of our cursors */
export function decodeCursor(text: string, length: number | null): (string | number)[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
    if (
      Array.isArray(parts) &&
      (length === null || parts.length === length) &&
      parts.every((p) => typeof p === "string" || typeof p === "number")
    )
      return parts;
  } catch {
    // The same answer as for any other text.
  }
  throw new ProblemError(400, "cursor: not a cursor of this list; leave it out to start at the beginning", "cursor");
}
