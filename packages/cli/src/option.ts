/** Parsers of option values; each says what was wrong and what is right. */
import { InvalidArgumentError } from "commander";
import ipaddr from "ipaddr.js";

export function wholeNumber(name: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const n = Number(text);
    if (!Number.isInteger(n) || n < least || n > most)
      throw new InvalidArgumentError(`${name} is a whole number from ${least} to ${most}.`);
    return n;
  };
}

/** "198.18.0.0/24,198.18.1.7" → CIDRs; an address alone is a network of one. */
export function cidrs(text: string): string[] {
  return text.split(",").map((part) => {
    const trimmed = part.trim();
    try {
      if (trimmed.includes("/")) {
        ipaddr.parseCIDR(trimmed);
        return trimmed;
      }
      return `${trimmed}/${ipaddr.parse(trimmed).kind() === "ipv4" ? 32 : 128}`;
    } catch {
      throw new InvalidArgumentError(`"${trimmed}" is not a network: write it like 198.18.0.0/24.`);
    }
  });
}

export function oneOf<T extends string>(name: string, values: readonly T[]): (text: string) => T {
  return (text) => {
    const found = values.find((v) => v === text);
    if (found === undefined) throw new InvalidArgumentError(`${name} is one of ${values.join(", ")}.`);
    return found;
  };
}
