"""What does Airflow run, show and call? The only room that speaks Airflow's DAG language.

`names`            DAG ids, task ids, params, the pools
`timetable`        one run a local day, each from where the last one ended
`scheduled_runs`   how far the schedule has come
`manual_runs`      which interval a manual run carries, from its making on
`backfilled_runs`  whether a backfill delivers again what is delivered
`run_delivery`     which delivery a run carries, and whether it may
`markdown`         how others' texts stand in what Airflow renders
`params`           what a person may say to a run
`dags`             every destination's DAGs
`quarantine`       those of wrong files
`maintenance`      what is done each day for all destinations
`verification`     are delivered files still there, where `verify_after` asks for it
`tasks`            what each DAG does: extract >> format >> upload
`staging_again`    what is staged again when it is gone
`recording`        a failure before the upload reaches the ledger
`uploading_run`    what an upload needs to know of its run
`upload_operator`  the task that uploads, and its retries
`assets`           which assets a client's file updates, and what other DAGs learn of it
`metrics`          what Airflow's statistics are told of deliveries, under which names
`gauges`           what they are told of how deliveries stand; `backlog`: of what is not delivered
`lineage`          where a file comes from and where it lies, as OpenLineage names them
`lineage_facet`    what it learns of a file's content
`guide`            what an operator reads on a DAG's page
`links`            where in Airflow's UI and on the Deliveries page things are
`host_wait`        how an upload waits for a host that is busy
`pools`            in which pool an upload waits, and its retry
`outcome`          what a run has delivered, and what it has left open
`run_end`          the ledger learns of what it has left open
`listener`         what the scheduler does around a run

Its modules are imported one by one: each process of Airflow loads the plugin, and few need more of it.
"""

from event_delivery.orchestration.names import (
    dag_id_of_test_file,
    destination_of_dag,
    nightly_dag_id,
    sends_test_file,
)

__all__ = ["dag_id_of_test_file", "destination_of_dag", "nightly_dag_id", "sends_test_file"]
