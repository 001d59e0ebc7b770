/** WWW-Authenticate as HTTP and RTSP send it. RFC 9110 11.6.1; a scanner by hand, since no regular expression parses it safely. */
import { clean } from "./text.ts";

export interface Challenge {
  /** Lower case. */
  readonly scheme: string;
  readonly realm: string;
  readonly algorithm: string;
  readonly qop: string;
}

const MAX_CHALLENGES = 16;

/** Challenges of all fields, sorted by scheme, then realm and algorithm; what cannot be read is left out. */
export function parseChallenges(values: readonly string[]): Challenge[] {
  const found = values.flatMap(parseValue).slice(0, MAX_CHALLENGES);
  const key = (c: Challenge): string => [c.scheme, c.realm, c.algorithm, c.qop].join("\n");
  const unique = new Map(found.map((c) => [key(c), c]));
  return [...unique.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, c]) => c);
}

function parseValue(value: string): Challenge[] {
  const scanner = new Scanner(value.slice(0, 4096));
  const found: { scheme: string; parameters: Map<string, string> }[] = [];
  while (!scanner.done) {
    const token = scanner.token();
    if (token === "") {
      scanner.skip();
      continue;
    }
    const given = scanner.value();
    // A token with "=" behind it is a parameter of the challenge before it, a token without begins the next challenge.
    if (given === undefined) found.push({ scheme: token.toLowerCase(), parameters: new Map() });
    else found.at(-1)?.parameters.set(token.toLowerCase(), given);
  }
  return found.map(({ scheme, parameters }) => ({
    scheme: clean(scheme, 32),
    realm: clean(parameters.get("realm") ?? "", 128),
    algorithm: clean(parameters.get("algorithm") ?? "", 32),
    qop: clean(parameters.get("qop") ?? "", 64),
  }));
}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get done(): boolean {
    return this.#at >= this.#text.length;
  }

  skip(): void {
    this.#at++;
  }

  /** Spaces and commas before it are passed over; "" where none stands here. */
  token(): string {
    this.#pass(" \t,");
    const from = this.#at;
    while (!this.done && /[^\s,="]/.test(this.#char)) this.#at++;
    return this.#text.slice(from, this.#at);
  }

  /** The value behind "=", quoted or not; undefined where there is no "=". */
  value(): string | undefined {
    this.#pass(" \t");
    if (!this.#is("=")) return undefined;
    this.#at++;
    this.#pass(" \t");
    if (!this.#is('"')) return this.token();
    this.#at++;
    let text = "";
    for (; !this.done && !this.#is('"'); this.#at++) {
      if (this.#is("\\")) this.#at++;
      text += this.#char;
    }
    this.#at++;
    return text;
  }

  get #char(): string {
    return this.#text[this.#at] ?? "";
  }

  #is(character: string): boolean {
    return this.#char === character;
  }

  #pass(characters: string): void {
    while (!this.done && characters.includes(this.#char)) this.#at++;
  }
}
