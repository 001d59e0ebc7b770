export type ServiceCode = "invalid" | "unauthenticated" | "forbidden" | "not-found" | "conflict" | "locked" | "too-many" | "unavailable";

/** What a person asked cannot be done; one sentence that names the field and the fix. Any other error is a fault of ours. */
export class ServiceError extends Error {
  override readonly name = "ServiceError";
  readonly code: ServiceCode;
  /** Path of the field in the input, "services.0"; null where it is the whole. */
  readonly field: string | null;

  constructor(code: ServiceCode, message: string, field: string | null = null, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.field = field;
  }
}
