#!/usr/bin/env bash
# Pushes the images of both architectures and joins them to one. Prints lines for GITHUB_OUTPUT: the digests, as the registry
# told them.
#
#   .github/release/push.sh ghcr.io/OWNER/NAME X.Y.Z FOLDER-OF-AMD64 FOLDER-OF-ARM64
set -euo pipefail
image="$1" version="$2"
parts=()
for folder in "$3" "$4"; do
    docker load --quiet --input "$folder/image.tar" >&2
    arch="$(docker image inspect --format '{{.Architecture}}' tunegate:release)"
    docker tag tunegate:release "$image:$version-$arch"
    docker push --quiet "$image:$version-$arch" >&2
    part="$(docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$image:$version-$arch" \
        | grep --fixed-strings "$image@" | head --lines=1)"
    printf '%s=%s\n' "$arch" "${part#*@}"
    parts+=("$part")
    docker rmi --force tunegate:release >&2
done
docker buildx imagetools create --tag "$image:$version" "${parts[@]}" >&2
index="$(docker buildx imagetools inspect "$image:$version" --format '{{json .Manifest}}')"
for part in "${parts[@]}"; do
    jq --exit-status --arg digest "${part#*@}" 'any(.manifests[]; .digest == $digest)' >/dev/null <<<"$index"
done
digest="$(jq --raw-output .digest <<<"$index")"
[[ "$digest" =~ ^sha256:[0-9a-f]{64}$ ]]
printf 'index=%s\n' "$digest"
