#!/usr/bin/env bash
# What no wheel brings: `system_package.sh PROGRAM PACKAGE…` installs Debian's packages where the program is missing.
set -euo pipefail

command -v "$1" >/dev/null && exit
if ! command -v apt-get >/dev/null; then
  echo "The program $1 is missing. Install it with this system's package manager, then try again." >&2
  exit 1
fi
as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo)
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${@:2}"
