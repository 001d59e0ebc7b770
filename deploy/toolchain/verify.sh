#!/bin/sh
# The quick gate: types, lint, import rules, dead code, drift of generated code (seconds), then unit tests (about two minutes on two cores; --no-tests leaves them out).
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
cd "$root"
PATH="$root/node_modules/.bin:$PATH"
export PATH

step() {
  name=$1
  shift
  began=$(date +%s)
  if "$@" >"$out" 2>&1; then
    echo "  ok    $name ($(($(date +%s) - began)) s)"
  else
    cat "$out"
    echo "  FAIL  $name" >&2
    exit 1
  fi
}
out=$(mktemp)
trap 'rm -f "$out"' EXIT

drift() {
  (cd packages/proto && PATH="$PWD/node_modules/.bin:$PATH" buf lint && PATH="$PWD/node_modules/.bin:$PATH" buf generate) && git diff --exit-code -- packages/proto/src/gen
}

step "types" turbo run check --output-logs=errors-only
step "lint and format" biome check --error-on-warnings .
step "import rules" depcruise packages test --config .dependency-cruiser.cjs
step "unused code and dependencies" knip
step "generated code" drift
[ "${1-}" = --no-tests ] || step "unit tests" vitest run --project unit
