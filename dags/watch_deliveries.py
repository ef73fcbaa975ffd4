"""One Airflow DAG watches over all deliveries, and has the right person told when something is wrong."""

from event_delivery.orchestration.watch import build_watch_dag

dag = build_watch_dag()
