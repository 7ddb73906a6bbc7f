# syntax=docker/dockerfile:1
#
# One binary on a small Debian.
#
#   docker build --tag nexus .
#   docker run --rm -p 8080:8080 -p 9000:9000 -v nexus-data:/var/lib/nexus \
#       -e NEXUS__STORAGE__PUBLIC_ENDPOINT=http://localhost:9000 nexus
#
# runs the development profile, with generated keys kept in the volume. For production see config/default.toml. Give
# the container longer to stop (`--stop-timeout`) than server.drain_timeout_ms.

FROM rust:1.95.0-slim-bookworm AS build
# The allocator's build needs make.
RUN apt-get update && apt-get install -y --no-install-recommends make && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# The caches outlive the layer, so the binary is copied out of them.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --profile dist --locked --package nexus --bin nexus \
    && cp target/dist/nexus /usr/local/bin/nexus

FROM debian:bookworm-slim
# Root certificates for S3 and for JWKS over https; nothing else is needed.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --no-create-home --home-dir /var/lib/nexus nexus \
    && install -d -o nexus -g nexus -m 0750 /var/lib/nexus
COPY --from=build /usr/local/bin/nexus /usr/local/bin/nexus
COPY LICENSE /usr/share/doc/nexus/LICENSE

# Every address in a container is a container's own, so listening on all of them is what `-p` expects.
ENV NEXUS_DATA_DIR=/var/lib/nexus \
    NEXUS_LISTEN=0.0.0.0:8080 \
    NEXUS_S3_LISTEN=0.0.0.0:9000
USER 10001:10001
WORKDIR /var/lib/nexus
VOLUME /var/lib/nexus
# The API and the embedded S3 endpoint. NEXUS_ADMIN_LISTEN, which production requires, adds a third.
EXPOSE 8080 9000
STOPSIGNAL SIGTERM

# Liveness, by bash alone: the image has no curl, and a probe should not start a second server binary. NEXUS_LISTEN
# outranks a configuration file, so its port is always the one listened on.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
    CMD ["/bin/bash", "-c", "exec 3<>\"/dev/tcp/127.0.0.1/${NEXUS_LISTEN##*:}\" && printf 'GET /healthz HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ \"$status\" = 200 ]"]

ENTRYPOINT ["/usr/local/bin/nexus"]
