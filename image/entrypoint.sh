#!/bin/bash
# What does the stand-in start? Like the official image: Airflow commands, with or without their first word.
set -euo pipefail
umask 0002
case "${1:-}" in
bash | python) exec "$@" ;;
airflow) shift ;;
esac
exec airflow "$@"
