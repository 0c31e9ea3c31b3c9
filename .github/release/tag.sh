#!/usr/bin/env bash
# Makes the commit of a release and its tag: what was built, with an action.yml that names the image. Nothing is pushed with
# git, so that no checkout has to hold credentials; the API makes the tag, and refuses where there is one of that name.
# Prints a line for GITHUB_OUTPUT.
#
#   GH_TOKEN=… .github/release/tag.sh OWNER/NAME X.Y.Z ghcr.io/OWNER/NAME@sha256:…
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
repository="$1" version="$2" image="$3"
work="$(mktemp --directory)"
message="chore: release $version

The action runs $image."

.github/release/pin.sh action.yml "$image" >"$work/action.yml"
# There already: this job is tried again, and what it made is only read. A tag with another image ends below.
if ! commit="$(gh api "repos/$repository/git/ref/tags/v$version" --jq .object.sha 2>/dev/null)"; then
    tree="$(jq --null-input --arg base "$(git rev-parse 'HEAD^{tree}')" --rawfile action "$work/action.yml" \
        '{base_tree: $base, tree: [{path: "action.yml", mode: "100644", type: "blob", content: $action}]}' \
        | gh api "repos/$repository/git/trees" --input - --jq .sha)"
    commit="$(jq --null-input --arg tree "$tree" --arg parent "$(git rev-parse HEAD)" --arg message "$message" \
        '{message: $message, tree: $tree, parents: [$parent]}' \
        | gh api "repos/$repository/git/commits" --input - --jq .sha)"
    gh api "repos/$repository/git/refs" -f "ref=refs/tags/v$version" -f "sha=$commit" --jq .ref >&2
fi
gh api "repos/$repository/contents/action.yml?ref=v$version" -H 'Accept: application/vnd.github.raw+json' \
    | cmp - "$work/action.yml"
printf 'commit=%s\n' "$commit"
