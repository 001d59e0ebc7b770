import type { Command } from "commander";

/** Placed here as soon as the audit stands. */
export function addAudit(_root: Command): void {}
