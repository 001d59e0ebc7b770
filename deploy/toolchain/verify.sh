#!/bin/sh
# The quick gate, well under a minute: types, lint, import rules, dead code, drift of generated code and unit tests, side by side (--no-tests leaves the tests out).
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
cd "$root"
PATH="$root/node_modules/.bin:$PATH"
export PATH
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# step NUMBER NAME COMMAND...: runs beside the others; leaves NUMBER.log, and NUMBER.ok or NUMBER.fail with the line to print.
step() {
  number=$1
  name=$2
  shift 2
  (
    began=$(date +%s)
    if "$@" >"$out/$number.log" 2>&1; then end=ok; else end=fail; fi
    echo "$name ($(($(date +%s) - began)) s)" >"$out/$number.$end"
  ) &
}

# Generates beside the committed code and compares, so that nothing is rewritten under a test that reads it.
drift() {
  (cd packages/proto && PATH="$PWD/node_modules/.bin:$PATH" buf lint && PATH="$PWD/node_modules/.bin:$PATH" buf generate --output "$out") && diff -r "$out/src/gen" packages/proto/src/gen
}

step 1 "types" turbo run check --output-logs=errors-only
step 2 "lint and format" biome check --error-on-warnings .
step 3 "import rules" depcruise packages test --config .dependency-cruiser.cjs
step 4 "unused code and dependencies" knip
step 5 "generated code" drift
[ "${1-}" = --no-tests ] || step 6 "unit tests" vitest run --project unit
wait

for line in "$out"/*.ok; do
  [ -e "$line" ] && echo "  ok    $(cat "$line")"
done
status=0
for line in "$out"/*.fail; do
  [ -e "$line" ] || continue
  cat "${line%.fail}.log"
  echo "  FAIL  $(cat "$line")" >&2
  status=1
done
exit $status
