"""Where does the page know from, in a fixed number of queries?

`setup`      what a destination's file says, also one that is wrong
`metadata`   a session with Airflow's own database
`dags`       what the scheduler knows about a destination's DAG
`run`        a run, and how far each of its tasks has come
`runs`       which runs there are
`run_days`   which day a run carries
`knowledge`  the ledger and Airflow together
"""
