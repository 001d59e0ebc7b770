/**
 * The watcher of nats-server, which does not read its standard input: ends it when ours ends.
 * Arguments: program, config file.
 */
import { type ChildProcess, spawn } from "node:child_process";

async function watch(server: ChildProcess): Promise<number> {
  const ended = new Promise<number>((resolve, reject) => {
    server.once("error", reject);
    server.once("exit", (code) => resolve(code ?? 1));
  });
  let asked = false;
  const end = () => {
    asked = true;
    server.kill("SIGTERM");
  };
  process.stdin.once("end", end);
  process.stdin.once("error", end);
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.once(signal, end);
  process.stdin.resume();
  const code = await ended;
  // nats-server ends with 1 when it is told to; that is a clean end.
  return asked ? 0 : code;
}

const [program, config] = process.argv.slice(2);
if (program === undefined || config === undefined) {
  process.stderr.write("usage: nats-child PROGRAM CONFIG\n");
  process.exit(2);
}
process.exit(await watch(spawn(program, ["-c", config], { stdio: ["ignore", "inherit", "inherit"] })));
