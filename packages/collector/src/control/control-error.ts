import { status } from "@grpc/grpc-js";

/** What a call may end with; a closed set, so that an agent can tell "mend it" from "try again". */
export const CONTROL_STATUS = {
  invalid: status.INVALID_ARGUMENT,
  unauthenticated: status.UNAUTHENTICATED,
  forbidden: status.PERMISSION_DENIED,
  "too-many": status.RESOURCE_EXHAUSTED,
  unavailable: status.UNAVAILABLE,
} as const;

export type ControlCode = keyof typeof CONTROL_STATUS;

/** A refusal that the agent's owner reads: one sentence with the field and the fix. */
export class ControlError extends Error {
  override readonly name = "ControlError";
  readonly code: ControlCode;

  constructor(code: ControlCode, message: string) {
    super(message);
    this.code = code;
  }
}
