"""What is imported once, before the scheduler forks, so that each task process need not import it again?"""

import importlib
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


def forks_tasks(arguments: list[str]) -> bool:
    """Tell whether this command forks task processes: elsewhere the imports would only cost 2 s of CPU."""
    return "scheduler" in arguments[1:2] or arguments[1:3] == ["celery", "worker"]


if forks_tasks(sys.argv):
    for name in PRELOADED:
        importlib.import_module(name)
