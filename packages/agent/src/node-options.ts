/**
 * How Node runs an agent: on a small box memory is worth more than speed. Without them V8 lets the young generation grow to 32 MiB and more,
 * and the old one until the machine's memory ends it. `up` and the launcher start agents with these.
 */
export const AGENT_NODE_OPTIONS: readonly string[] = ["--max-semi-space-size=1", "--max-old-space-size=128", "--optimize-for-size"];
