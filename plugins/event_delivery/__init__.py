"""How do yesterday's events reach a client's server? A room a question, in the order of the data's way.

`schedule`       which local day is delivered, when is that due, and when is it tried again
`destinations`   where and how one client receives events, read from YAML
`delivery`       destination + event type + data interval: names and paths
`extract`        Postgres -> staged events
`staging`        the staging area between the tasks
`formats`        staged events -> delivery file (CSV or JSON)
`sftp`           how a client's server is talked to
`upload`         delivery file -> the client's server
`ledger`         what was delivered, when, and why not
`orchestration`  what Airflow runs: DAGs, tasks, retries
`page`           what an operator sees: Deliveries

All use `database` (a Postgres behind a Connection), `errors` (what a retry can mend) and `limits` (seconds).
"""
