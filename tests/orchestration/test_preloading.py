"""Who preloads the heavy libraries?"""

from __future__ import annotations

import runpy

from tests import PROJECT


def test_only_commands_that_fork_tasks_preload() -> None:
    """Elsewhere the imports would cost 2 s of CPU for nothing."""
    forks_tasks = runpy.run_path(str(PROJECT / "config" / "airflow_local_settings.py"))["forks_tasks"]
    assert forks_tasks(["airflow", "scheduler", "--skip-serve-logs"])
    assert forks_tasks(["airflow", "celery", "worker"])
    assert not forks_tasks(["airflow", "dags", "list"])
    assert not forks_tasks(["airflow"])
