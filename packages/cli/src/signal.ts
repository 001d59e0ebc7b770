import { Socket } from "node:net";

/** One abort signal for a whole command: Ctrl-C, SIGTERM, or the end of the parent's pipe. */
export function stopSignal(options: { readonly parentStdin?: boolean } = {}): AbortSignal {
  const controller = new AbortController();
  const stop = (reason: string) => controller.abort(new Error(reason));
  process.once("SIGINT", () => {
    stop("SIGINT");
    // A second Ctrl-C does not wait for the drain.
    process.once("SIGINT", () => process.exit(130));
  });
  process.once("SIGTERM", () => stop("SIGTERM"));
  if (options.parentStdin === true) {
    process.stdin.resume();
    process.stdin.once("end", () => stop("parent ended"));
    process.stdin.once("error", () => stop("parent ended"));
    // Listening for that alone must not keep a program alive that has failed.
    if (process.stdin instanceof Socket) process.stdin.unref();
  }
  return controller.signal;
}
