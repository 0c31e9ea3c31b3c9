#!/bin/sh
# Prints an action.yml that runs a built image instead of building one. Takes the image by its digest and by nothing else: a
# tag can be moved under a commit that somebody has reviewed.
#
#   .github/release/pin.sh action.yml ghcr.io/OWNER/NAME@sha256:DIGEST >pinned.yml
set -eu

fail() {
    echo "pin: $*" >&2
    exit 1
}

[ $# -eq 2 ] || fail "wanted: action.yml and an image, not $# arguments"
action=$1
image=$2
digest=${image#ghcr.io/*@sha256:}
name=${image#ghcr.io/}
name=${name%@sha256:"$digest"}
# The shell's own patterns: a line break in the middle passes most line-wise tools.
case "$digest" in
*[!0-9a-f]*) fail "not ghcr.io/NAME@sha256: with 64 hexadecimal digits: $image" ;;
esac
case "$name" in
'' | /* | */ | *[!a-z0-9._/-]*) fail "not the name of an image in lower case: $image" ;;
esac
[ "${#digest}" -eq 64 ] || fail "a digest of ${#digest} digits, not 64: $image"
[ "$image" = "ghcr.io/$name@sha256:$digest" ] || fail "not an image of ghcr.io by its digest: $image"
[ "$(grep -c '^  image: ' "$action")" -eq 1 ] || fail "$action does not name exactly one image"
grep -q '^  image: Dockerfile$' "$action" || fail "$action is not built from the Dockerfile: is it pinned already?"
sed "s|^  image: Dockerfile\$|  image: docker://$image|" "$action"
