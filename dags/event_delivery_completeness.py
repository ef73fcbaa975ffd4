"""One Airflow DAG compares what was delivered with the source; whatever destinations there are, it is there."""

from event_delivery.orchestration.completeness import build_completeness_dag

dag = build_completeness_dag()
