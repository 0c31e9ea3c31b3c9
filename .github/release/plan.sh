#!/usr/bin/env bash
# Decides what a release is: its version, the time that its files get, and the image that it is built in, by digest. Prints
# lines for GITHUB_OUTPUT. Ends with 1 where tag, Cargo.toml and CHANGELOG.md do not agree. Without a tag it is a rehearsal.
#
#   .github/release/plan.sh [vX.Y.Z-build]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

fail() {
    printf 'plan: %s\n' "$*" >&2
    exit 1
}

tag="${1:-}"
version="$(sed --quiet '0,/^version = "\(.*\)"$/s//\1/p' Cargo.toml)"
[[ "$version" =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || fail "Cargo.toml has the version '$version', not X.Y.Z"
if [[ -n "$tag" ]]; then
    [[ "$tag" == "v$version-build" ]] || fail "the tag is $tag, Cargo.toml wants v$version-build"
    grep --quiet --fixed-strings --line-regexp "## $version" <(cut --delimiter=' ' --fields=1,2 CHANGELOG.md) \
        || fail "CHANGELOG.md has no heading '## $version'"
    git merge-base --is-ancestor HEAD refs/remotes/origin/main || fail "$tag is not on main"
    ! git rev-parse --quiet --verify "refs/tags/v$version" >/dev/null \
        || fail "v$version is there already, and a release is never moved: raise the version"
fi

named="$(sed --quiet 's/^ARG BUILD_IMAGE=//p' Dockerfile)"
digest="$(docker buildx imagetools inspect "$named" --format '{{json .Manifest}}' | jq --raw-output .digest)"
[[ "$digest" =~ ^sha256:[0-9a-f]{64}$ ]] || fail "the registry names no digest for $named: '$digest'"

printf 'version=%s\n' "$version"
printf 'epoch=%s\n' "$(git log --max-count=1 --format=%ct)"
printf 'build-image=%s@%s\n' "${named%:*}" "$digest"
