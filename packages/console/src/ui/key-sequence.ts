/** Which of the bound keys is meant: single keys and sequences of two ("g l"). */

/** Keys pressed this far apart are no sequence, ms. */
const SEQUENCE_MS = 1_000;

export interface Pressed {
  readonly key: string;
  readonly at: number;
}

/**
 * @param before the key pressed before, if it began a sequence
 * @returns the binding that is meant, or what to remember for the next key
 */
export function matchKey(
  bound: readonly string[],
  before: Pressed | null,
  now: Pressed,
): { readonly hit: string | null; readonly pending: Pressed | null } {
  const recent = before !== null && now.at - before.at <= SEQUENCE_MS ? before : null;
  if (recent !== null) {
    const sequence = `${recent.key} ${now.key}`;
    if (bound.includes(sequence)) return { hit: sequence, pending: null };
  }
  if (bound.some((b) => b.startsWith(`${now.key} `))) return { hit: null, pending: now };
  return { hit: bound.includes(now.key) ? now.key : null, pending: null };
}
