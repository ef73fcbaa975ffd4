"""Does an Airflow of our own run with its own settings only?"""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from local_servers.airflow_settings import make_environment
from tests import PROJECT


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_airflow_gets_an_environment_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of the caller's Airflow do not leak in, and secrets are made once and kept private."""
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "CeleryExecutor")
    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", "postgresql://elsewhere")
    monkeypatch.setenv("NO_PROXY", "example.com")

    def environment() -> dict[str, str]:
        return make_environment(tmp_path, "db", 1, PROJECT, PROJECT, {"EVENT_DELIVERY_STAGING": "s"})

    assert environment() == environment()
    assert environment()["AIRFLOW__CORE__EXECUTOR"] == "LocalExecutor"
    assert "AIRFLOW_CONN_EVENTS_DB" not in environment()
    assert environment()["NO_PROXY"] == "example.com,127.0.0.1,localhost"
    assert {mode(tmp_path / name) for name in ("secrets.json", "passwords.json")} == {0o600}
