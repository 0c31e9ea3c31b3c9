#!/usr/bin/env bash
# Fuzzes each target for so many seconds, two at a time, led by what the code does with each try. On the stable toolchain;
# needs a C++ compiler for libFuzzer. What was found lies in target/fuzz/found/TARGET/, and the exit code is 1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

seconds=${1:-200}
triple=$(rustc -vV | sed -n 's/^host: //p')
# The programs that cargo builds beside the tests know no fuzzer, and are not run here.
export RUSTFLAGS='--cfg fuzzing --cfg fuzzing_libfuzzer -Cpasses=sancov-module
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-level=4
    -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares
    -Clink-arg=-Wl,--unresolved-symbols=ignore-all'
RUSTFLAGS=$(tr -s '\n ' ' ' <<<"$RUSTFLAGS")
built=$(
    cargo test --locked --profile fuzz --target "$triple" --target-dir target/fuzz --test fuzz --no-run \
        --message-format json | sed -n 's/.*"executable":"\([^"]*\/fuzz-[^"]*\)".*/\1/p'
)
unset RUSTFLAGS

fuzz() {
    local folder=target/fuzz/found/${1//::/-}
    mkdir -p "target/fuzz/corpus/$1" "$folder"
    if BOLERO_LIBFUZZER_ARGS="target/fuzz/corpus/$1 -artifact_prefix=$folder/ -max_total_time=$2 -max_len=600 -timeout=60" \
        "$3" "$1" --exact --nocapture >"$folder/log" 2>&1; then
        echo "$1: $(sed -n 's/^Done \([0-9]*\) runs.*/\1 tries/p' "$folder/log")"
        rm -r "$folder"
    else
        echo "$1: found something, see $folder/"
        return 1
    fi
}
export -f fuzz

"$built" --list | sed -n 's/: test$//p' |
    xargs -P 2 -I '{}' bash -c 'fuzz "$@"' fuzz '{}' "$seconds" "$built"
