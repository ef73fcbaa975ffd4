"""How do yesterday's events reach a client's server?

In the order of the data's way:

`destination`  where and how one client receives events, read from YAML
`local_day`    which instants a local calendar day spans, and when its delivery is due
`timetable`    Airflow's schedule of one run a local day
`delivery`     destination + event type + data interval: names and paths
`pipeline`     the DAG of a destination: extract >> format >> upload
`extract`      Postgres -> staged events
`staging`      the staging area between the tasks
`formats`      staged events -> delivery file (CSV or JSON)
`upload`       delivery file -> the client's server
`ledger`       what was delivered, when, and why not
"""
