/** Exit statuses of the command line, and the errors that carry them. */
export const STATUS = { done: 0, findings: 1, usage: 2, failed: 3 } as const;
export type Status = (typeof STATUS)[keyof typeof STATUS];

/** One sentence for the person at the terminal; the program ends with `status`. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly status: Status;
  constructor(status: Status, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

export function usage(message: string): CommandError {
  return new CommandError(STATUS.usage, message);
}

export function cannot(message: string, cause?: unknown): CommandError {
  return new CommandError(STATUS.failed, message, cause === undefined ? undefined : { cause });
}

/** Errors of every package name their status themselves where it is not 3. */
export function statusOf(error: unknown): Status {
  const status = typeof error === "object" && error !== null && "status" in error ? error.status : undefined;
  return status === STATUS.findings || status === STATUS.usage ? status : STATUS.failed;
}

/** Errors that were made to be read; anything else is a fault of ours and shows its stack. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "status" in error || "code" in error || (error.name.endsWith("Error") && error.name !== "Error" && error.name !== "TypeError")
    ? error.message
    : (error.stack ?? error.message);
}
