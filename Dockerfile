ARG BUILD_IMAGE=docker.io/library/rust:1.95-bookworm

FROM ${BUILD_IMAGE} AS build

# Slim base images come without certificates, and the final stage has no package manager to add them.
RUN test -s /etc/ssl/certs/ca-certificates.crt \
    || { apt-get update \
        && apt-get install --yes --no-install-recommends ca-certificates \
        && rm -rf /var/lib/apt/lists/*; }

WORKDIR /src
COPY . .

# Naming the host as the target keeps RUSTFLAGS away from build scripts and procedural macros:
# a macro is a shared library and cannot be linked statically. The linker that Rust brings along for x86_64 packs addresses
# and keeps one of several functions that are the same: 1 MB less.
RUN target="$(arch)-unknown-linux-gnu" \
    && flags="-C target-feature=+crt-static" \
    && if [ "$(arch)" = x86_64 ]; then \
        flags="$flags -C link-arg=-Wl,-z,pack-relative-relocs -C link-arg=-Wl,--icf=all"; \
    fi \
    && RUSTFLAGS="$flags" \
        cargo build --release --locked --bin tunegate --target "$target" \
    && cp "target/$target/release/tunegate" /tunegate

FROM scratch

LABEL org.opencontainers.image.title="tunegate" \
      org.opencontainers.image.description="A merge gate for fine-tuned language models: benchmarks what a pull request changes and says whether the models got worse" \
      org.opencontainers.image.source="https://github.com/tunegate/tunegate" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"

COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /tunegate /tunegate

# No USER and no WORKDIR: GitHub mounts the workspace for root and sets the directory itself.
ENTRYPOINT ["/tunegate", "action"]
