#!/bin/sh
# Brings what the project needs into the checkout. Usage: setup.sh [packages] [nats-server] [console] [debian]
# packages     npm packages of the lock file, Node 24 and the ClickHouse engine among them
# nats-server  one of at least 2.12.7: that in PATH, else into .toolchain/
# console      the built pages of the console
# debian       the tools that tests need (debian-packages.sh says which and why)
# Each part is skipped where its stamp says that it is there already.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
pnpm_version=12.21.0
stamps="$root/.toolchain"

die() {
  echo "vedette: $*" >&2
  exit 3
}

platform() {
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64 | Linux-aarch64 | Darwin-x86_64 | Darwin-arm64) ;;
    *) die "$(uname -s) on $(uname -m) is not supported: use Linux or macOS on x86-64 or arm64 (docs/install.md names a container for the rest)." ;;
  esac
  if [ "$(uname -s)" = Linux ] && ! getconf GNU_LIBC_VERSION >/dev/null 2>&1; then
    die "this Linux has no GNU libc, which the ClickHouse engine needs: use a glibc distribution, or the container in docs/install.md."
  fi
}

free_disk() {
  free_kib=$(df -Pk "$root" | awk 'NR == 2 { print $4 }')
  [ "$free_kib" -ge "$1" ] || die "$root has $((free_kib / 1024)) MiB free and $(($1 / 1024)) MiB are needed: free some disk and start again."
}

# A part is there when its stamp holds the same checksum as its inputs.
checksum() {
  cat "$@" | cksum | tr ' ' -
}

stamped() {
  [ -f "$stamps/$1" ] && [ "$(cat "$stamps/$1")" = "$2" ]
}

stamp() {
  mkdir -p "$stamps" 2>/dev/null && printf '%s\n' "$2" >"$stamps/$1" || die "cannot write in $stamps: make the checkout writable for $(id -un)."
}

packages() {
  sum=$(checksum "$root/pnpm-lock.yaml" "$root/pnpm-workspace.yaml" "$root/package.json" "$root"/packages/*/package.json "$root/test/package.json")
  if stamped packages "$sum" && [ -x "$root/node_modules/.bin/node" ]; then return; fi
  platform
  free_disk 2500000
  command -v npm >/dev/null 2>&1 || die "npm is missing: install Node.js 18 or later (Debian: apt-get install npm), then start again."
  echo "vedette: installing npm packages of the lock file (Node 24, ClickHouse engine; about 250 MB to download, 1.3 GB on disk) ..."
  (cd "$root" && npx --yes "pnpm@$pnpm_version" install --frozen-lockfile --reporter=append-only) >"$root/.setup.log" 2>&1 ||
    {
      tail -n 15 "$root/.setup.log"
      die "npm packages could not be installed; the lines above say why (whole log: .setup.log)."
    }
  rm -f "$root/.setup.log"
  "$root/node_modules/.bin/node" --version >/dev/null 2>&1 || die "Node 24 from npm does not run on this machine: see docs/install.md."
  stamp packages "$sum"
}

nats_server() {
  sh "$root/deploy/toolchain/nats-server.sh"
}

console() {
  sum=$(find "$root/packages/console" "$root/packages/standard/src" -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -exec cksum {} + | sort | cksum | tr ' ' -)
  if stamped console "$sum" && [ -f "$root/packages/console/dist/index.html" ]; then return; fi
  echo "vedette: building the console ..."
  (cd "$root/packages/console" && "$root/node_modules/.bin/node" node_modules/vite/bin/vite.js build --logLevel warn) || die "the console could not be built; the lines above say why."
  stamp console "$sum"
}

debian() {
  sh "$root/deploy/toolchain/debian-packages.sh"
}

for part in "$@"; do
  case "$part" in
    packages) packages ;;
    nats-server) nats_server ;;
    console) console ;;
    debian) debian ;;
    *) die "setup.sh does not know the part \"$part\": packages, nats-server, console, debian." ;;
  esac
done
