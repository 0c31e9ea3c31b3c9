ARG BUILD_IMAGE=docker.io/library/rust:1.95-bookworm

FROM ${BUILD_IMAGE} AS build

# Slim base images come without certificates, and the final stage has no package manager to add them.
RUN test -s /etc/ssl/certs/ca-certificates.crt \
    || { apt-get update \
        && apt-get install --yes --no-install-recommends ca-certificates \
        && rm -rf /var/lib/apt/lists/*; }

WORKDIR /src
COPY . .

# The time that files get. A release passes that of its commit, so that the same commit makes the same layer.
ARG SOURCE_DATE_EPOCH=0

RUN .github/release/static.sh cargo build --release --locked --bin tunegate \
    && mkdir -p /image/etc/ssl/certs \
    && cp /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ \
    && cp "target/$(uname -m)-unknown-linux-gnu/release/tunegate" /image/tunegate \
    && find /image -exec touch --date="@$SOURCE_DATE_EPOCH" {} +

FROM scratch

# Which image it was built in: a release names it by its digest.
ARG BUILD_IMAGE

LABEL org.opencontainers.image.title="tunegate" \
      org.opencontainers.image.description="A merge gate for fine-tuned language models: benchmarks what a pull request changes and says whether the models got worse" \
      org.opencontainers.image.source="https://github.com/tunegate/tunegate" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0" \
      io.github.tunegate.build-image="${BUILD_IMAGE}"

COPY --from=build /image /

# No USER and no WORKDIR: GitHub mounts the workspace for root and sets the directory itself.
ENTRYPOINT ["/tunegate", "action"]
