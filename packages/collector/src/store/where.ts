/** Collects the conditions of a query and their parameters; what is not asked for adds nothing. */
import type { Parameters } from "./client.ts";

type Value = string | number | Date | readonly string[] | readonly number[] | undefined;

export class Where {
  readonly #conditions: string[];
  readonly #parameters: Record<string, unknown> = {};

  constructor(...always: readonly string[]) {
    this.#conditions = [...always];
  }

  /** Adds the condition with its parameters, unless one of them is undefined. */
  and(condition: string, values: Readonly<Record<string, Value>> = {}): this {
    if (Object.values(values).includes(undefined)) return this;
    this.#conditions.push(condition);
    for (const [name, value] of Object.entries(values)) this.#parameters[name] = Array.isArray(value) ? [...value] : value;
    return this;
  }

  get sql(): string {
    return this.#conditions.join(" AND ");
  }

  get parameters(): Parameters {
    return this.#parameters;
  }
}

/** A time (ms) as a query parameter; undefined stays so. */
export function timeValue(ms: number | undefined): Date | undefined {
  return ms === undefined ? undefined : new Date(ms);
}
