"""One Airflow DAG that looks at delivered files again: do they still lie there as they were sent?"""

from event_delivery.orchestration.verification import build_verification_dag

dag = build_verification_dag()
