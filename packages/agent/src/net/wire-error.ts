/** Bytes that are not what their protocol says. Thrown by every decoder, and by nothing else. */
export class WireError extends Error {
  override readonly name = "WireError";
}
