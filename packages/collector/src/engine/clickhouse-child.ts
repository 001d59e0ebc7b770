/**
 * The ClickHouse child: a real ClickHouse HTTP server out of libchdb, the shared library that npm's `chdb` carries.
 * Arguments: data folder, HTTP port, config file, and where it is one of several shards the port of the native protocol. It serves until its
 * standard input ends.
 */
import { createRequire } from "node:module";
import { DataType, load, open } from "ffi-rs";

const LIBRARY = "chdb";

/** Path of libchdb.so in the platform package that npm chose for this machine; ends the process where there is none. */
function libraryPath(): string {
  const here = createRequire(import.meta.url);
  const platform = `@chdb/lib-${process.platform}-${process.arch}${process.platform === "linux" ? "-gnu" : ""}`;
  try {
    return createRequire(here.resolve("chdb/package.json")).resolve(`${platform}/libchdb.so`);
  } catch {
    process.stderr.write(
      `${platform} is not installed: the embedded ClickHouse runs on Linux with glibc and on macOS; elsewhere name a server in clickhouse.url\n`,
    );
    return process.exit(1);
  }
}

/** Runs clickhouse-local's main with these arguments; returns its error, or null where it ended well. Blocks this thread. */
function runCommandLine(argv: readonly string[]): string | null {
  open({ library: LIBRARY, path: libraryPath() });
  const result = load({
    library: LIBRARY,
    funcName: "chdb_query_cmdline",
    retType: DataType.External,
    paramsType: [DataType.I32, DataType.StringArray],
    paramsValue: [argv.length, [...argv]],
  });
  const error = { library: LIBRARY, funcName: "chdb_result_error", paramsType: [DataType.External], paramsValue: [result] };
  // Read as a number first: a null pointer read as a string ends the process.
  if (load({ ...error, retType: DataType.U64 }) === 0) return null;
  return load({ ...error, retType: DataType.String });
}

const [folder, port, config, nativePort] = process.argv.slice(2);
if (folder === undefined || port === undefined || config === undefined) {
  process.stderr.write("usage: clickhouse-child FOLDER PORT CONFIG [NATIVE_PORT]\n");
  process.exit(2);
}
const failure = runCommandLine([
  "clickhouse",
  `--path=${folder}`,
  `--http_port=${port}`,
  "--listen_host=127.0.0.1",
  `--config-file=${config}`,
  ...(nativePort === undefined ? [] : [`--tcp_port=${nativePort}`]),
  "--query=SYSTEM START LISTEN HTTP",
  ...(nativePort === undefined ? [] : ["--query=SYSTEM START LISTEN TCP"]),
  // The last query reads our input: that is what keeps the server up, and what ends it.
  "--query=CREATE TEMPORARY TABLE hold (l String) ENGINE=File(LineAsString, stdin)",
  "--query=SELECT count() FROM hold FORMAT Null",
]);
if (failure !== null) {
  process.stderr.write(`${failure}\n`);
  process.exit(1);
}
// Without this the library's own threads would keep the process up.
process.exit(0);
