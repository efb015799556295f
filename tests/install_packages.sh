#!/usr/bin/env bash
# Installs the named Debian packages that are missing. Needs root or sudo only when one is.
set -euo pipefail
if ! command -v dpkg-query >/dev/null; then
    echo "this is no Debian: what these packages bring must be there already: $*"
    exit 0
fi
missing=()
for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0
echo "installing: ${missing[*]}"
sudo=
if [ "$(id -u)" -ne 0 ]; then
    sudo=$(command -v sudo) || {
        echo "these packages are missing and there is no sudo: ${missing[*]}" >&2
        exit 1
    }
fi
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
