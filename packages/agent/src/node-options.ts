/**
 * How Node runs an agent. Without them V8 lets the young generation grow to 32 MiB and more, and the old one until the machine's memory ends
 * it. What makes V8 itself frugal (--optimize-for-size) saves little beside these and costs time at every look. `up` and the launcher start
 * agents with these, and with a folder where Node keeps compiled code: a process that finds its own there needs no compiler in memory.
 */
export const AGENT_NODE_OPTIONS: readonly string[] = ["--max-semi-space-size=2", "--max-old-space-size=192"];
