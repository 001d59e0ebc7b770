#!/bin/sh
# Everything that must hold: sets up, then the quick gate, the lab of real products and the journeys.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
cd "$root"
sh deploy/toolchain/setup.sh packages nats-server console debian
PATH="$root/node_modules/.bin:$PATH"
export PATH
sh deploy/toolchain/verify.sh --no-tests
# One after the other: the slow tests, the lab and the journeys look at real clocks and want the machine to themselves.
vitest run --project unit
vitest run --project slow
vitest run --project lab
vitest run --project e2e
