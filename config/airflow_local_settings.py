"""What is imported once, before the scheduler forks, so that each task process need not import it again?"""

import importlib
import logging
import sys

__all__: list[str] = []
PRELOADED = (
    "airflow.sdk.execution_time.supervisor",
    "airflow.sdk.execution_time.task_runner",
    "airflow.providers.postgres.hooks.postgres",
    "airflow.providers.sftp.hooks.sftp",
    "airflow.providers.sftp.operators.sftp",
    "airflow.providers.standard.operators.python",
    "asyncssh",
    "pandas",
    "psycopg",
)
LIBRARY = (
    "event_delivery.orchestration.dags",
    "event_delivery.extract",
    "event_delivery.formats",
    "event_delivery.staging",
    "event_delivery.upload",
)


def forks_tasks(arguments: list[str]) -> bool:
    """Tell whether this command forks task processes: elsewhere the imports would only cost 2 s of CPU."""
    return "scheduler" in arguments[1:2] or arguments[1:3] == ["celery", "worker"]


def preload_library() -> None:
    """Import what every task imports, a third of what a small delivery costs (benchmarks/night.py).

    One that is broken or elsewhere must not stop the scheduler: tasks import it again, and fail with the reason.
    """
    try:
        for name in LIBRARY:
            importlib.import_module(name)
    except Exception:
        logging.getLogger(__name__).exception("event_delivery is not preloaded: each task imports it anew.")


if forks_tasks(sys.argv):
    for name in PRELOADED:
        importlib.import_module(name)
    preload_library()
