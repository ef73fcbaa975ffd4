"""Every destination becomes its Airflow DAGs: the nightly one and its test file's."""

from airflow.sdk import get_parsing_context

from event_delivery.orchestration.dags import build_dags

context = get_parsing_context()
for dag in build_dags(context.dag_id, context.task_id):
    globals()[dag.dag_id] = dag
