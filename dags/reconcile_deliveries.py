"""One Airflow DAG that a person triggers: did a client get every event of a period, once?"""

from event_delivery.orchestration.reconciliation import build_reconciliation_dag

dag = build_reconciliation_dag()
