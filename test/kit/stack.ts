/** Engines with migrated tables and no collector. VEDETTE_TEST_SHARDS says of how many servers ClickHouse is (default: 1). */
import { migrate } from "@vedette/collector/src/store/index.ts";
import { type Engines, startEngines } from "./engines.ts";

export type TestStack = Engines;

export interface TestStackOptions {
  /** Default ["demo"]. */
  readonly tenants?: readonly string[];
}

export async function startTestStack({ tenants = ["demo"] }: TestStackOptions = {}): Promise<TestStack> {
  const engines = await startEngines({ tenants, shards: Number(process.env["VEDETTE_TEST_SHARDS"] ?? 1) });
  await migrate(engines.storeOptions);
  return engines;
}
