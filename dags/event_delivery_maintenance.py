"""One Airflow DAG clears away what nobody needs any more; whatever destinations there are, it is there."""

from event_delivery.orchestration.maintenance import build_maintenance_dag

dag = build_maintenance_dag()
