"""What does Airflow run, show and call? The only room that speaks Airflow's DAG language.

`names`            DAG ids, task ids, params, the pool
`timetable`        one run a local day
`run_delivery`     which delivery a run carries
`dags`             every destination's DAGs
`tasks`            what each DAG does: extract >> format >> upload
`upload_operator`  the task that uploads, and its retries
`lineage`          where a file comes from and where it lies, as OpenLineage names them
`guide`            what an operator reads on a DAG's page
`links`            where in Airflow's UI and on the Deliveries page things are
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
