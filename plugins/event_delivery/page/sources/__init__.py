"""Where does the page know from, in a fixed number of queries?

`setup`          what a destination's file says, also one that is wrong
`metadata`       a session with Airflow's own database
`dags`           what the scheduler knows about a destination's DAG
`run`            a run, and how far each of its tasks has come
`runs`           which runs there are
`run_intervals`  which interval a run carries, and what that is called
`carried`        which intervals runs carried, whatever became of them
`settled`        where the ledger tells all, so that Airflow need not be asked
`heartbeats`     who lives: scheduler, dag processor, watch
`knowledge`      the ledger and Airflow together
"""
