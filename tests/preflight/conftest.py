"""A folder of destinations, and what a look says of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from event_delivery.ledger.preflights import Finding
from event_delivery.preflight import look_over
from local_servers.sftp_server import SftpServer, SftpUser
from tests.sample_events import COMPANY
from tests.sftp_logins import PASSWORD, sftp_uri

Look = Callable[[], list[Finding]]


@pytest.fixture
def destinations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one destination, acme."""
    folder = tmp_path / "destinations"
    folder.mkdir()
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(folder))
    write_destination(folder, "acme")
    return folder


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SftpServer]:
    """A real server whose key nobody has confirmed, known to Airflow as `sftp_acme`."""
    with SftpServer(tmp_path / "sftp", [SftpUser("acme", PASSWORD, "acme")]) as running:
        monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", sftp_uri("acme", PASSWORD, running.port))
        yield running


@pytest.fixture
def look(destinations: Path, events_db: Any, staging_area: Path) -> Look:
    """Return what a look finds, a server looked at for 2 s at most."""
    return lambda: list(look_over(datetime.now(UTC), seconds=2).findings)


def write_destination(folder: Path, identifier: str, **fields: object) -> None:
    """Write a destination's file."""
    given = {"client": identifier, "company_id": COMPANY, **fields}
    (folder / f"{identifier}.yaml").write_text("".join(f"{name}: {value}\n" for name, value in given.items()))
