#!/usr/bin/env bash
# Builds what a release has for the architecture of this machine: image, wheel, archive, bill of materials. The binary is
# compiled twice, in two folders, by two programs; they must have the same bytes, so that everybody can make them again.
#
#   BUILD_IMAGE=NAME@sha256:… SOURCE_DATE_EPOCH=SECONDS .github/release/build.sh FOLDER
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out="$1"
mkdir --parents "$out"
out="$(realpath "$out")"

work="$(mktemp --directory)"
version="$(sed --quiet '0,/^version = "\(.*\)"$/s//\1/p' Cargo.toml)"
target="$(uname --machine)-unknown-linux-gnu"
name="tunegate-$version-$target"

heading() {
    printf '\n== %s (%ss)\n' "$*" "$SECONDS"
}

heading 'the image'
docker build --tag tunegate:release \
    --build-arg "BUILD_IMAGE=$BUILD_IMAGE" --build-arg "SOURCE_DATE_EPOCH=$SOURCE_DATE_EPOCH" \
    --label "org.opencontainers.image.version=$version" \
    --label "org.opencontainers.image.revision=$(git rev-parse HEAD)" .
container="$(docker create tunegate:release)"
docker cp "$container:/tunegate" "$work/tunegate"
docker rm "$container"
docker save tunegate:release --output "$out/image.tar"

heading 'the wheel, from another folder'
python3 -m venv "$work/tools"
"$work/tools/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: --no-deps --require-hashes \
    --requirement .github/release/requirements.txt
mkdir "$work/wheel"
git archive HEAD | tar --extract --directory "$work/wheel"
# maturin is one static program, so the container needs no Python. A static binary needs no C library of a certain age, so
# the oldest name that PyPI takes is true of it. maturin gives the name for Alpine only to what is built against musl.
docker run --rm --volume "$work/wheel:/elsewhere" --volume "$work/tools/bin/maturin:/usr/bin/maturin:ro" \
    --workdir /elsewhere --env SOURCE_DATE_EPOCH "$BUILD_IMAGE" \
    .github/release/static.sh maturin build --release --locked \
    --compatibility manylinux2014 --auditwheel check --out /elsewhere/dist
cp "$work"/wheel/dist/*.whl "$out"

heading 'the same bytes'
unzip -p "$out"/*.whl "tunegate-$version.data/scripts/tunegate" | cmp - "$work/tunegate"
sha256sum "$work/tunegate"

heading 'the bill of materials'
# With SOURCE_DATE_EPOCH maturin leaves out the serial number, for it would be by chance; actions/attest takes no bill without
# one. So it is made from the name.
serial="$(python3 -c 'import sys, uuid; print(uuid.uuid5(uuid.NAMESPACE_URL, sys.argv[1]).urn)' "$name")"
unzip -p "$out"/*.whl "tunegate-$version.dist-info/sboms/tunegate.cyclonedx.json" \
    | jq --arg serial "$serial" '.serialNumber //= $serial' >"$out/$name.cdx.json"

# One of them is enough: it has no binary.
if [[ "$target" == x86_64-* ]]; then
    heading 'the source distribution'
    "$work/tools/bin/maturin" sdist --manifest-path "$work/wheel/Cargo.toml" --out "$out"
fi

heading 'the archive'
mkdir "$work/$name"
cp "$work/tunegate" LICENSE-APACHE LICENSE-MIT README.md CHANGELOG.md "$work/$name"
tar --create --directory "$work" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner "$name" \
    | gzip --no-name >"$out/$name.tar.gz"
ls -l "$out"
