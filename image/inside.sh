#!/bin/bash
# Run in the image: is all there, for the right user, and does Airflow start? Arguments: the DAG ids to expect of the
# demo's destinations and event types; the image itself holds none.
set -euo pipefail
cd "$AIRFLOW_HOME"
EXPECTED_DAGS=$(printf '%s\n' "$@" | sort | xargs)
AIRFLOW__API__PORT=$(python -c 'import socket; s = socket.socket(); s.bind(("", 0)); print(s.getsockname()[1])')
export AIRFLOW__API__PORT AIRFLOW__LOGGING__LOGGING_LEVEL=ERROR

expect() {
    [[ $2 == "$3" ]] && return
    printf 'The image is wrong: %s\n  expected: %s\n  found:    %s\n' "$1" "$3" "$2" >&2
    exit 1
}

check_user() {
    expect "user and group" "$(id -u):$(id -g)" 50000:0
}

find_changeable() {
    find config dags include plugins requirements*.lock "$(python -c 'import sys; print(sys.prefix)')" \
        ! -type l \( -writable -o ! -uid 0 \)
}

check_files() {
    local foreign='demo|local_servers|demo_[^/]*|tests|conftest\.py|\.env[^/]*|\.git[^/]*|[^/]*\.(key|pem)'
    expect "content of $AIRFLOW_HOME" "$(find . -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | xargs)" \
        "config dags include logs plugins requirements.lock staging"
    expect "mode and owner of staging" "$(stat --format='%a %u:%g' staging)" "700 50000:0"
    expect "files that everybody can write" "$(find . -perm -o=w ! -type l)" ""
    expect "files that the user cannot read" "$(find . ! -readable)" ""
    expect "files of the demo, of tests, or secret" "$(find . -regextype posix-extended -regex ".*/($foreign)")" ""
    expect "mode and owner of the folders above the code" "$(stat --format='%a %u:%g' . /home/airflow | xargs)" "1775 0:0 1775 0:0"
    expect "code that the user can change" "$(find_changeable | head -5)" ""
    expect "files that give more rights to whoever runs them" \
        "$(find / -xdev -type f -perm /6000 2>/dev/null | head -5)" ""
    expect "private keys" "$(grep -rl 'PRIVATE KEY-----' . || true)" ""
}

check_packages() {
    expect "packages other than the locked ones" \
        "$(uv pip sync --dry-run --offline --no-cache --require-hashes requirements.lock 2>&1 | tail -1)" \
        "Would make no changes"
}

check_bytecode() {
    python - config dags plugins <<'PYTHON'
import importlib.util, pathlib, sys, sysconfig

folders = [sysconfig.get_path("purelib") + "/airflow", *sys.argv[1:]]
modules = [str(module) for folder in folders for module in pathlib.Path(folder).rglob("*.py")]
bare = [module for module in modules if not pathlib.Path(importlib.util.cache_from_source(module)).exists()]
sys.exit(f"The image is wrong: modules without bytecode: {' '.join(bare[:5])}" if bare else 0)
PYTHON
}

check_plugins() {
    python - <<'PYTHON'
import sys

from airflow import plugins_manager, settings

settings.initialize()
if errors := plugins_manager.get_import_errors():
    sys.exit(f"The image is wrong: plugins that do not import: {errors}")
if "airflow_local_settings" not in sys.modules:
    sys.exit("The image is wrong: Airflow did not find config/airflow_local_settings.py")
PYTHON
}

quietly() {
    "$@" >/tmp/output 2>&1 && return
    tail -20 /tmp/output >&2
    expect "result of $*" failed passed
}

expect_dags() {
    local found
    quietly airflow dags reserialize
    quietly airflow dags list-import-errors
    found=$(airflow dags list --columns dag_id --output plain)
    expect "$1" "$(sed -n '/__/p' <<<"$found" | sort | xargs)" "$2"
}

check_dags() {
    quietly airflow db migrate
    expect_dags "DAGs without a destination" ""
    EVENT_DELIVERY_EVENT_TYPES=/mnt/event-types EVENT_DELIVERY_DESTINATIONS=/mnt/destinations \
        expect_dags "DAGs of the demo's destinations" "$EXPECTED_DAGS"
}

check_health() {
    local log=/tmp/api-server.log
    ! /healthcheck api-server 2>/dev/null || expect "health of an API server that does not run" healthy unhealthy
    ! /healthcheck triggerer 2>/dev/null || expect "health of a triggerer that does not run" healthy unhealthy
    airflow api-server --host 127.0.0.1 --workers 1 >"$log" 2>&1 &
    for _ in {1..120}; do
        /healthcheck api-server 2>/dev/null && return
        sleep 0.5
    done
    tail -20 "$log" >&2
    expect "health of the API server after a minute" unhealthy healthy
}

stop_children() {
    # shellcheck disable=SC2046 # process ids are words
    [[ -z $(jobs -p) ]] || kill $(jobs -p)
    wait
}

trap stop_children EXIT
for check in check_{user,files,packages,bytecode,plugins,dags,health}; do
    started=$SECONDS
    $check
    printf '  %s: %s s\n' "$check" "$((SECONDS - started))"
done
