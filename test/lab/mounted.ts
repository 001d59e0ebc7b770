/**
 * Becomes a program that sees some folders of its own: node mounted.ts VIEW PROGRAM ARG...
 * `ip netns exec` has given this process a mount namespace that passes nothing back, so the machine's own folders stay as they are.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import type { PrivateView } from "./program.ts";

const [view = "{}", program = "", ...args] = process.argv.slice(2);
const { empty = [], folders = [], bound = {} } = JSON.parse(view) as PrivateView;

for (const place of empty) execFileSync("mount", ["-t", "tmpfs", "tmpfs", place]);
for (const folder of folders) mkdirSync(folder, { recursive: true, mode: 0o755 });
for (const [place, source] of Object.entries(bound)) execFileSync("mount", ["--bind", source, place]);

const path = execFileSync("which", [program], { encoding: "utf8" }).trim();
process.execve?.(path, [program, ...args], process.env);
