"""Is a thousand destinations looked over in one go, whatever many of them do, and each told of rightly?"""

from __future__ import annotations

import contextlib
import logging
import socket
import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from event_delivery.preflight import look_over
from local_servers.free_port import find_free_port
from local_servers.sftp_server import SftpServer, SftpUser
from tests.preflight.conftest import write_destination
from tests.sftp_logins import PASSWORD, confirmed_uri, sftp_uri

SERVERS, SILENT, DEAD, ALL = 5, 200, 200, 1_000
_log = logging.getLogger("test")

pytestmark = pytest.mark.slow


def test_a_thousand_destinations_are_looked_over(destinations, events_db, staging_area, tmp_path, monkeypatch):
    """Five servers that many share, two hundred that say nothing and two hundred dead ones; nobody logs in."""
    (destinations / "acme.yaml").unlink()
    with contextlib.ExitStack() as stack:
        users = [SftpUser("acme", PASSWORD, "acme")]
        servers = [stack.enter_context(SftpServer(tmp_path / f"sftp{number}", users)) for number in range(SERVERS)]
        silent = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(SILENT)]
        dead = find_free_port()
        for number in range(ALL):
            uri = choose_uri(number, servers, silent, dead)
            monkeypatch.setenv(f"AIRFLOW_CONN_SFTP_C{number}", uri)
            write_destination(destinations, f"c{number}", path=f"/{number}")
        started = time.monotonic()
        report = look_over(datetime.now(UTC))
        _log.warning("%d destinations took %.1f s", ALL, time.monotonic() - started)
        assert [server.logins for server in servers] == [[]] * SERVERS
    found = Counter(each.kind for each in report.findings)
    assert (report.destinations, found) == (ALL, {"server": SILENT + DEAD})
    wrong = {int((each.destination or "")[1:]) for each in report.findings}
    assert wrong == set(range(SILENT + DEAD))


def choose_uri(number: int, servers: list[SftpServer], silent: list[Any], dead: int) -> str:
    """Return where a destination delivers to: nowhere the first ones, the others to one of the servers."""
    if number < SILENT:
        return sftp_uri("acme", PASSWORD, silent[number].getsockname()[1])
    if number < SILENT + DEAD:
        return sftp_uri("acme", PASSWORD, dead).replace("127.0.0.1", f"127.0.1.{number - SILENT + 1}")
    return confirmed_uri(servers[number % SERVERS], "acme", PASSWORD)
