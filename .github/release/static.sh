#!/bin/sh
# Runs a command with the flags of a release: one static binary, whose bytes do not depend on the folder that it is built in.
# Image, wheel and archive of a release hold the same binary, because all three are built with this.
#
#   .github/release/static.sh cargo build --release --locked --bin tunegate
set -eu

# Naming the host as the target keeps RUSTFLAGS away from build scripts and procedural macros: a macro is a shared library
# and cannot be linked statically.
CARGO_BUILD_TARGET="$(uname -m)-unknown-linux-gnu"
RUSTFLAGS='-C target-feature=+crt-static'
# The linker that Rust brings along for x86_64 packs addresses, keeps one of several functions that are the same, and leaves
# out the tables of unwinding, which a release does not do: 2.7 MB less.
if [ "$CARGO_BUILD_TARGET" = x86_64-unknown-linux-gnu ]; then
    RUSTFLAGS="$RUSTFLAGS -C link-arg=-Wl,-z,pack-relative-relocs -C link-arg=-Wl,--icf=all"
    RUSTFLAGS="$RUSTFLAGS -C link-arg=-Wl,--no-eh-frame-hdr -C link-arg=-Wl,-T,.github/release/no-unwinding.ld"
fi
# Messages of panics name source files.
RUSTFLAGS="$RUSTFLAGS --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo --remap-path-prefix=$PWD=/tunegate"
CFLAGS="-ffile-prefix-map=${CARGO_HOME:-$HOME/.cargo}=/cargo -ffile-prefix-map=$PWD=/tunegate"
export CARGO_BUILD_TARGET RUSTFLAGS CFLAGS
exec "$@"
