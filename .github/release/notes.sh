#!/bin/sh
# Prints the section of a version in CHANGELOG.md, with how to use and how to check what was released.
#
#   .github/release/notes.sh X.Y.Z COMMIT ghcr.io/OWNER/NAME@sha256:…
set -eu
cat <<END
In a workflow: \`uses: tunegate/tunegate@$2 # v$1\`

Image: \`$3\`. How to check it, and everything below: [Supply chain](https://github.com/tunegate/tunegate/blob/v$1/docs/security.md#supply-chain).

END
awk -v version="$1" '/^## / { inside = ($2 == version); next } inside' "$(dirname "$0")/../../CHANGELOG.md"
