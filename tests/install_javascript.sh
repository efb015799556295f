#!/usr/bin/env bash
# Installs the packages of the JavaScript client (tests/e2e/package.json, in the versions and with the
# hashes of its lock file) into the folder named, unless they are there. Fails, with a line that says
# why, where there is no node or npm, or npm finds no registry: then that client cannot be tested.
#   install_javascript.sh build/javascript
set -euo pipefail
folder=$1
cd "$(dirname "$0")/.."
for tool in node npm; do
    command -v $tool >/dev/null || {
        echo "the JavaScript client is skipped: there is no $tool here"
        exit 1
    }
done
cmp -s tests/e2e/package-lock.json "$folder/installed" && exit 0
mkdir -p "$folder"
cp tests/e2e/package.json tests/e2e/package-lock.json "$folder"
# Nothing of the packages is run: the ZeroMQ one brings its library built.
if ! (cd "$folder" && timeout 120 npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >npm.log 2>&1); then
    tail -3 "$folder/npm.log"
    echo "the JavaScript client is skipped: its packages could not be installed"
    exit 1
fi
NODE_PATH=$folder/node_modules node -e 'require("protobufjs"); if (!require("zeromq").capability.curve) process.exit(1)' || {
    echo "the JavaScript client is skipped: its packages do not run here"
    exit 1
}
cp tests/e2e/package-lock.json "$folder/installed"
