#!/bin/bash
# Does the image build, start and hold what it should? On Debian, as root, without a container engine.
set -euo pipefail
cd "$(dirname "$0")/.."
umask 022

SUITE=bookworm
PACKAGES=python3,python3-venv,python3-pip,ca-certificates,curl,dumb-init
BASE=$(sed -nE 's/^ARG BASE=([^@]+).*/\1/p' Dockerfile)
IMAGE=nightly-sftp-events-check
CACHE=$PWD/.demo/image
DEBIAN=$CACHE/debian-$(sha256sum <<<"$SUITE $PACKAGES" | cut -c 1-12)

fail() {
    printf 'image-check: %s\n' "$1" >&2
    exit 1
}

step() {
    local started=$SECONDS
    STEP=$1
    printf '%s ...\n' "$STEP"
    "${@:2}"
    printf '%s: %s s\n' "$STEP" "$((SECONDS - started))"
}

containers() {
    buildah --root "$CACHE/storage" --runroot "$ROOM/run" --storage-driver vfs "$@"
}

build() {
    containers bud --quiet --format docker --isolation chroot --pull-never --no-cache "${VOLUMES[@]}" "$@" >"$ROOM/build.log" 2>&1 ||
        { tail -30 "$ROOM/build.log" >&2 && return 1; }
}

lint() {
    .venv/bin/hadolint Dockerfile image/base.Dockerfile
}

need_packages() {
    command -v apt-get >/dev/null || fail "needs Debian, or a system with apt-get"
    local missing=()
    for package in debootstrap buildah; do
        command -v "$package" >/dev/null || missing+=("$package")
    done
    [[ ${#missing[@]} -gt 0 ]] || return 0
    echo "  installing the missing Debian packages: ${missing[*]}"
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${missing[@]}" >"$ROOM/apt.log" 2>&1 ||
        { tail -5 "$ROOM/apt.log" >&2 && fail "apt-get cannot install: ${missing[*]} (apt-get update may help)"; }
}

find_mirror() {
    apt-get indextargets --format "\$(ORIGIN) \$(RELEASE) \$(REPO_URI)" 'Created-By: Packages' |
        awk -v suite="$SUITE" '$1 == "Debian" && $2 == suite {print $3; exit}'
}

make_debian() {
    [[ ! -e $DEBIAN ]] || return 0
    rm -rf "$DEBIAN.part"
    # shellcheck disable=SC2046 # no mirror, no argument: debootstrap knows one
    debootstrap --variant=minbase --include="$PACKAGES" "$SUITE" "$DEBIAN.part" $(find_mirror) >"$ROOM/debian.log" 2>&1 ||
        { tail -5 "$ROOM/debian.log" >&2 && return 1; }
    mv "$DEBIAN.part" "$DEBIAN"
}

read_registry() {
    .venv/bin/python -m pip config list | .venv/bin/python image/registry.py "$ROOM" >"$ROOM/volumes"
    while read -r volume; do
        VOLUMES+=(--volume "$volume")
    done <"$ROOM/volumes"
}

make_base() {
    local recipe
    recipe=$(cat - image/base.Dockerfile image/entrypoint.sh requirements-uv.lock <<<"${DEBIAN##*/}" | sha256sum | cut -c 1-12)
    [[ -z $(containers images --quiet --filter "label=recipe=$recipe" "$BASE" 2>/dev/null) ]] || return 0
    cp requirements-uv.lock "$DEBIAN/requirements-uv.lock"
    install -m 755 image/entrypoint.sh "$DEBIAN/entrypoint"
    build --label "recipe=$recipe" --tag "$BASE" --file image/base.Dockerfile "$DEBIAN"
}

build_image() {
    build --tag "$IMAGE" --build-arg "BASE=$BASE" .
}

expect_setting() {
    local found
    found=$(containers inspect --type image --format "{{with .Docker.Config}}$2{{end}}" "$IMAGE")
    [[ $found == "$3" ]] || fail "the image's $1 is '$found', expected '$3'"
}

check_settings() {
    expect_setting user '{{.User}}' 50000:0
    expect_setting "health check" '{{with .Healthcheck}}{{.Test}}{{end}}' '[CMD /healthcheck]'
    expect_setting "entry point" '{{.Entrypoint}}' '[/usr/bin/dumb-init -- /entrypoint]'
}

check_no_trace() {
    local root trace
    root=$(containers mount "$CONTAINER")
    while IFS=: read -r _ inside _; do
        [[ $inside == /etc/ssl/* ]] && continue
        trace=$(find "$root$inside" ! -empty 2>/dev/null | head -1)
        [[ -z $trace ]] || fail "the build left this machine's settings in the image: ${trace#"$root"}"
    done <"$ROOM/volumes"
    containers umount "$CONTAINER" >/dev/null
}

list_dag_ids() {
    find demo/destinations -name '*.yaml' ! -name '_*' -printf '%f\n' |
        sed -nE 's/(.*)\.yaml/nightly_sftp_events__\1 sftp_test_file__\1/p' | xargs
}

start_image() {
    cp --recursive --dereference demo/include "$ROOM/event-types"
    # shellcheck disable=SC2046 # DAG ids are words
    containers run --isolation chroot --volume "$PWD/image/inside.sh:/mnt/inside.sh:ro" \
        --volume "$PWD/demo/destinations:/mnt/destinations:ro" \
        --volume "$ROOM/event-types:/mnt/event-types:ro" "$CONTAINER" -- \
        /usr/bin/dumb-init -- /entrypoint bash /mnt/inside.sh $(list_dag_ids)
}

clean_up() {
    local status=$?
    trap '' INT TERM
    if [[ -d $CACHE/storage ]] && command -v buildah >/dev/null; then
        containers rm --all >/dev/null 2>&1 || true
        containers rmi "$IMAGE" >/dev/null 2>&1 || true
        containers rmi --prune >/dev/null 2>&1 || true
    fi
    rm -rf "$ROOM"
    [[ $status -eq 0 ]] || printf 'image-check: failed at: %s (after %s s)\n' "$STEP" "$SECONDS" >&8
    exit "$status"
}

[[ $EUID -eq 0 ]] || fail "needs root: sudo make image-check"
[[ -x .venv/bin/hadolint ]] || fail "needs .venv: make install"
mkdir -p "$CACHE"
exec 8>&2 9>"$CACHE/lock"
flock --nonblock 9 || fail "another image-check is running here"
ROOM=$(mktemp -d)
VOLUMES=()
CONTAINER=
STEP=start
trap clean_up EXIT
trap 'exit 130' INT TERM

step "Dockerfile style" lint
step "Debian packages that the check needs" need_packages
step "Debian $SUITE for the stand-in base image" make_debian
step "This machine's package registry" read_registry
step "Stand-in for $BASE" make_base
step "Image" build_image
step "Image's settings" check_settings
CONTAINER=$(containers from --pull-never "$IMAGE")
step "No trace of this machine in the image" check_no_trace
step "Image started" start_image
printf 'image-check: passed in %s s\n' "$SECONDS"
