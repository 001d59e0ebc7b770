/** The process that parses certificates: chains in, facts out, one after the other. It may die; its parent starts another. */
import { chainFacts } from "./certificate-facts.ts";

interface Job {
  readonly id: number;
  readonly chain: readonly Uint8Array[];
}

process.on("message", (job: Job) => {
  process.send?.({ id: job.id, facts: chainFacts(job.chain) });
});
process.on("disconnect", () => process.exit(0));
