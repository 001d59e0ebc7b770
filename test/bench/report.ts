/** What every bench returns and `vedette bench NAME --json` prints. */
import { cpus } from "node:os";

export interface BenchTarget {
  readonly op: ">=" | "<=";
  readonly value: number;
}

export interface BenchReport {
  readonly bench: string;
  /** Measured numbers, each named with its unit. */
  readonly figures: Readonly<Record<string, number>>;
  readonly ratios: Readonly<Record<string, number>>;
  /** Targets by the name of a ratio. */
  readonly targets: Readonly<Record<string, BenchTarget>>;
  readonly met: boolean;
  readonly ranOn: string;
}

export function benchReport(
  bench: string,
  figures: Record<string, number>,
  ratios: Record<string, number>,
  targets: Record<string, BenchTarget>,
): BenchReport {
  return {
    bench,
    figures,
    ratios,
    targets,
    met: Object.entries(targets).every(([name, target]) => holds(ratios[name], target)),
    ranOn: ranOn(),
  };
}

function holds(ratio: number | undefined, { op, value }: BenchTarget): boolean {
  if (ratio === undefined) return false;
  return op === ">=" ? ratio >= value : ratio <= value;
}

function ranOn(): string {
  const cores = cpus();
  return `${cores.length} x ${cores[0]?.model.trim() ?? "unknown"}, Node ${process.versions.node}, ${process.platform}`;
}
