#!/bin/sh
# Is the Airflow component that this container was started for alive? (Anything else counts as healthy.)
set -eu
command=${*:-$(tr '\0' ' ' </proc/1/cmdline)}

get() {
    curl --fail --silent --show-error --max-time 10 "http://localhost:$1"
}

find_job() {
    airflow jobs check --local --job-type "$1"
}

case " $command " in
*" api-server "*) get "${AIRFLOW__API__PORT:-8080}/api/v2/monitor/health" | grep -q '"metadatabase":{"status":"healthy"' ;;
*" scheduler "*) get "${AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT:-8974}/health" ;;
*" dag-processor "*) find_job DagProcessorJob ;;
*" triggerer "*) find_job TriggererJob ;;
esac
