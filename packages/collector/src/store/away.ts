/** When the store is not there, against when it refuses what it was asked. */
import { ClickHouseError } from "@clickhouse/client";

/** The store gave no answer: nothing is known of what it did. */
export class StoreSilentError extends Error {
  override readonly name = "StoreSilentError";
  /** Of the socket, as Node names it; null: it answered too late, or not as a ClickHouse. */
  readonly code: string | null;

  constructor(cause: unknown) {
    super("the store does not answer", { cause });
    this.code = cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : null;
  }
}

/** ClickHouse's error code, or null where the server did not answer (then nothing is known of what it did). */
export function errorCode(error: unknown): number | null {
  return error instanceof ClickHouseError ? Number(error.code) : null;
}

/** A statement on its way: what is neither an answer nor a fault of our own is silence. @throws ClickHouseError, StoreSilentError */
export async function answerOf<T>(statement: Promise<T>): Promise<T> {
  try {
    return await statement;
  } catch (error) {
    throw silenceOf(error);
  }
}

/** What to throw for an error of the client. */
export function silenceOf(error: unknown): unknown {
  const isOurs = error instanceof ClickHouseError || error instanceof TypeError || error instanceof RangeError;
  return isOurs ? error : new StoreSilentError(error);
}

/**
 * Codes of a server that answers and cannot do it now: TIMEOUT_EXCEEDED (159), DNS_ERROR (198), TOO_MANY_SIMULTANEOUS_QUERIES (202),
 * SOCKET_TIMEOUT (209), NETWORK_ERROR (210), ABORTED (236), MEMORY_LIMIT_EXCEEDED (241), TABLE_IS_READ_ONLY (242), NOT_ENOUGH_SPACE (243),
 * ALL_CONNECTION_TRIES_FAILED (279: a shard is down), TOO_FEW_LIVE_REPLICAS (285), UNSATISFIED_QUORUM (286), REPLICA_IS_NOT_IN_QUORUM (289),
 * UNKNOWN_STATUS_OF_INSERT (319), QUERY_WAS_CANCELLED (394: it stops).
 */
const NOT_NOW = new Set([159, 198, 202, 209, 210, 236, 241, 242, 243, 279, 285, 286, 289, 319, 394]);

/** True where the same question may well be answered a little later. */
export function isStoreAway(error: unknown): boolean {
  const code = errorCode(error);
  return error instanceof StoreSilentError || (code !== null && NOT_NOW.has(code));
}
