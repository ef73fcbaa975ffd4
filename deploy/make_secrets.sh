#!/bin/bash
# Makes deploy/secrets, each secret anew, unless it is there. Only root can enter the folder; its files are readable for
# all because each container, whichever user it runs as, sees them one by one under /run/secrets.
set -euo pipefail
cd "$(dirname "$0")"
[[ ! -e secrets ]] || { echo "deploy/secrets is there: nothing was changed." >&2; exit 1; }
mkdir --mode=700 secrets
cd secrets
umask 022

# URL-safe, and long enough: 32 bytes
random() { head -c 32 /dev/urandom | base64 | tr '+/' '-_'; }
password() { random | tr -d '=\n'; }

keep() { printf '%s' "$2" >"$1"; }

airflow=$(password) ledger=$(password) redis=$(password) writer=$(password)
keep postgres_password "$(password)"
keep airflow_password "$airflow"
keep ledger_password "$ledger"
keep airflow_database "postgresql+psycopg2://airflow:$airflow@postgres:5432/airflow"
keep fernet_key "$(random | tr -d '\n')"
keep jwt_secret "$(password)$(password)"
keep api_secret "$(password)"
keep airflow_users.json "{\"admin\": \"$(password)\"}"

# For compose-celery.yaml
keep broker_url "redis://:$redis@redis:6379/0"
keep redis.conf "requirepass $redis"
admin=$(password)
keep s3_users.json "{\"identities\": [
  {\"name\": \"admin\", \"credentials\": [{\"accessKey\": \"admin\", \"secretKey\": \"$admin\"}],
   \"actions\": [\"Admin\", \"Read\", \"Write\", \"List\", \"Tagging\"]},
  {\"name\": \"worker\", \"credentials\": [{\"accessKey\": \"worker\", \"secretKey\": \"$writer\"}],
   \"actions\": [\"Read:nightly-events\", \"Write:nightly-events\", \"List:nightly-events\"]}
]}"
keep s3_admin_key "$admin"

# Replace events_db by your source. Clients' Connections are added in Airflow, or here, as sftp_<destination>.
keep connections.json "{
  \"ledger_db\": \"postgresql://ledger:$ledger@postgres:5432/ledger\",
  \"events_db\": \"postgresql://reader:replace-me@events.example.com:5432/events\",
  \"staging_s3\": {\"conn_type\": \"aws\", \"login\": \"worker\", \"password\": \"$writer\",
    \"extra\": {\"region_name\": \"us-east-1\", \"endpoint_url\": \"http://s3:8333\"}}
}"
echo "deploy/secrets is made: now put your source into deploy/secrets/connections.json, as events_db."
