/** missing: documents stand, the keys that open them do not. permission: others may read them. unreadable: not what we wrote. mismatch: keys of another installation. */
export type KeyErrorCode = "missing" | "permission" | "unreadable" | "mismatch";

/** The key store cannot be used; nothing was changed. `message` names the path and the fix; the program ends with `status`. */
export class KeyError extends Error {
  override readonly name = "KeyError";
  readonly code: KeyErrorCode;
  readonly path: string;
  /** Exit status: 3, could not do it. */
  readonly status = 3;

  constructor(code: KeyErrorCode, path: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.path = path;
  }
}
