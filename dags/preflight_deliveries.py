"""One Airflow DAG that looks over the coming night in working hours: what would fail, while it can be mended?"""

from event_delivery.orchestration.preflight import build_preflight_dag

dag = build_preflight_dag()
