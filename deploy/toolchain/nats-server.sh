#!/bin/sh
# Brings nats-server into .toolchain/nats-server of this checkout, from the Debian mirror that this machine already uses.
#
# Nothing of the system is changed and root is not needed: apt gets private lists, cache and status, its sources are the
# machine's own with the suite sid, and what Debian's keyring does not sign is refused. Quick when it is there already.
# Usage: nats-server.sh [FOLDER]     Environment: VEDETTE_KEYRING, another keyring than Debian's.
set -eu

floor=2.12.7
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
folder=${1:-$root/.toolchain/nats-server}

fail() {
  printf 'nats-server could not be brought: %s; install nats-server %s or newer and put it on the PATH.\n' "$1" "$floor" >&2
  exit 3
}

# Prints the version of the program $1, or nothing.
version_of() {
  "$1" --version 2>/dev/null | sed -n 's/^nats-server: v\([0-9][0-9.]*\).*/\1/p'
}

# True where version $1 is at least the floor.
new_enough() {
  [ -n "$1" ] && [ "$(printf '%s\n%s\n' "$floor" "$1" | sort -t. -k1,1n -k2,2n -k3,3n | head -n 1)" = "$floor" ]
}

for program in "$(command -v nats-server || true)" "$folder/bin/nats-server"; do
  [ -x "$program" ] || continue
  if new_enough "$(version_of "$program")"; then exit 0; fi
done

command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || fail "this machine has no apt-get and dpkg-deb"
keyring=${VEDETTE_KEYRING:-}
for candidate in /usr/share/keyrings/debian-archive-keyring.gpg /usr/share/keyrings/debian-archive-keyring.pgp; do
  if [ -z "$keyring" ] && [ -r "$candidate" ]; then keyring=$candidate; fi
done
[ -r "$keyring" ] || fail "Debian's keyring is not installed (package debian-archive-keyring)"

codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release | tr -d '"')
# shellcheck disable=SC2016
mirrors=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
  awk -v own="$codename" '$3 == "main" && ($2 == own || $2 == "stable" || $2 == "testing" || $2 == "sid" || $2 == "unstable") && !seen[$1]++ { print $1 }')
[ -n "$mirrors" ] || fail "apt knows no Debian mirror with the component main"

mkdir -p "$(dirname -- "$folder")"
work=$(mktemp -d "$(dirname -- "$folder")/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 3' INT TERM HUP
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/download"
: >"$work/status"
for mirror in $mirrors; do
  printf 'deb [signed-by=%s] %s sid main\n' "$keyring" "$mirror"
done >"$work/sources.list"

# Read after the machine's own configuration, so that its proxy settings hold and its hooks do not.
cat >"$work/apt.conf" <<EOF
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear APT::Update::Pre-Invoke;
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State::Lists "$work/lists";
Dir::State::status "$work/status";
Dir::Cache "$work/cache";
APT::Sandbox::User "$(id -un)";
APT::Default-Release "";
APT::Get::AllowUnauthenticated "false";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowDowngradeToInsecureRepositories "false";
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
EOF

# One mirror of several may fail; the download says whether it mattered.
apt-get -q -c "$work/apt.conf" update >"$work/log" 2>&1 || true
(cd "$work/download" && apt-get -q -c "$work/apt.conf" download nats-server) >>"$work/log" 2>&1 ||
  fail "the Debian mirror did not give the package ($(grep -E '^(E|Err|W):' "$work/log" | tail -n 1 | cut -c 1-200))"
package=$(find "$work/download" -name 'nats-server_*.deb' | head -n 1)
[ -n "$package" ] || fail "the Debian mirror did not give the package"
dpkg-deb -x "$package" "$work/tree" || fail "the package could not be unpacked"
program=$(find "$work/tree/usr" -type f -name nats-server -perm -u+x | head -n 1)
[ -n "$program" ] || fail "the package holds no nats-server"
got=$(version_of "$program")
new_enough "$got" || fail "the Debian mirror offers version ${got:-unknown}"

mkdir -p "$work/out/bin"
mv "$program" "$work/out/bin/nats-server"
{
  printf 'version %s\n' "$got"
  printf 'package %s\n' "$(basename -- "$package")"
  sha256sum "$package" | sed 's/^\([0-9a-f]*\).*/sha256 \1/'
} >"$work/out/VERSION"
rm -rf "$folder"
mv "$work/out" "$folder"
printf 'vedette: nats-server %s is in %s.\n' "$got" "$folder" >&2
