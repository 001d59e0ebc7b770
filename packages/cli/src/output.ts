/** Results go to stdout, everything else to stderr. */
import { destination, type Logger, pino } from "pino";

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** One line of NDJSON. */
export function printLine(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Structured logs on stderr; fields that may hold secrets are cut out whoever logs them. */
export function makeLogger(name: string, level = process.env["VEDETTE_LOG"] ?? "info"): Logger {
  return pino(
    {
      name,
      level,
      redact: {
        paths: ["password", "token", "secret", "seed", "jwt", "*.password", "*.token", "*.secret", "*.seed", "*.jwt"],
        censor: "[secret]",
      },
      base: { program: name, pid: process.pid },
    },
    destination({ fd: 2, sync: true }),
  );
}

/** A line that rewrites itself on a terminal, and prints at most every 5 s elsewhere. */
export function progress(): { update(text: string): void; end(): void } {
  let lastPrinted = 0;
  const terminal = process.stderr.isTTY;
  return {
    update(text) {
      if (terminal) process.stderr.write(`\r\u001b[2K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
      else if (Date.now() - lastPrinted > 5_000) {
        lastPrinted = Date.now();
        process.stderr.write(`${text}\n`);
      }
    },
    end() {
      if (terminal) process.stderr.write("\r\u001b[2K");
    },
  };
}
