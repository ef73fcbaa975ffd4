"""Who preloads the heavy libraries?"""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from pathlib import Path

from tests import PROJECT

SETTINGS = str(PROJECT / "config" / "airflow_local_settings.py")
PLUGINS = PROJECT / "plugins"


def test_only_commands_that_fork_tasks_preload() -> None:
    """Elsewhere the imports would cost 2 s of CPU for nothing."""
    forks_tasks = runpy.run_path(SETTINGS)["forks_tasks"]
    assert forks_tasks(["airflow", "scheduler", "--skip-serve-logs"])
    assert forks_tasks(["airflow", "celery", "worker"])
    assert not forks_tasks(["airflow", "dags", "list"])
    assert not forks_tasks(["airflow"])


def test_what_every_task_imports_is_there_before_it_is_forked() -> None:
    """A task's process that imports nothing costs a third less CPU on a small day."""
    code = f"import runpy, sys; sys.argv = ['airflow', 'scheduler']; runpy.run_path({SETTINGS!r}); "
    found = _run(code + "print('event_delivery.orchestration.tasks' in sys.modules)", PLUGINS)
    assert (found.returncode, found.stdout) == (0, "True\n"), found.stderr


def test_no_task_looks_for_airflows_providers_when_it_makes_its_assets() -> None:
    """That costs 0.2 s of CPU, more than all else in a task of a small day."""
    code = f"import runpy, sys; sys.argv = ['airflow', 'scheduler']; runpy.run_path({SETTINGS!r}); "
    found = _run(code + "print('airflow.providers.sftp.assets.sftp' in sys.modules)", PLUGINS)
    assert (found.returncode, found.stdout) == (0, "True\n"), found.stderr


def test_a_library_that_cannot_be_imported_does_not_stop_the_scheduler(tmp_path: Path) -> None:
    """Other teams' DAGs run on the same scheduler; ours fail with the reason, in their own tasks."""
    (tmp_path / "event_delivery").mkdir()
    (tmp_path / "event_delivery" / "__init__.py").write_text("this is no Python\n")
    settings = f"runpy.run_path({SETTINGS!r})['preload_library']()"
    found = _run(f"import runpy; {settings}; print('goes on')", tmp_path)
    assert (found.returncode, found.stdout) == (0, "goes on\n"), found.stderr
    assert "event_delivery is not preloaded" in found.stderr


def _run(code: str, path: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(path)}
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False
    )
