#!/bin/bash
# Run once by PostgreSQL's own container, in an empty cluster: a database and a role for Airflow, and for the ledger.
set -euo pipefail

make_database() {
    psql --username "$POSTGRES_USER" --set=ON_ERROR_STOP=1 --set=name="$1" --set=password="$(</run/secrets/"$1"_password)" <<'SQL'
create role :"name" login password :'password';
create database :"name" owner :"name";
revoke all on database :"name" from public;
SQL
}

make_database airflow
make_database ledger
