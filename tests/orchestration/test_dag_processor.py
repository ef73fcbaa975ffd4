"""Does a task learn from Airflow's API server, and from nothing else, whether the dag processor is silent?"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from event_delivery.orchestration.dag_processor import describe_silence
from local_servers.free_port import find_free_port

NOW = datetime(2026, 3, 11, 16, tzinfo=UTC)


class Server:
    """Stands for an API server that answers with a status and a text; `asked` are the paths."""

    def __init__(self) -> None:
        self.status, self.text, self.asked = 200, "", list[str]()

    def says(self, seen: datetime | None, metadatabase: str = "healthy") -> None:
        """Answer as Airflow does."""
        beat = {"status": "unhealthy", "latest_dag_processor_heartbeat": seen.isoformat() if seen else None}
        self.text = json.dumps({"metadatabase": {"status": metadatabase}, "dag_processor": beat, "triggerer": {}})


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server where Airflow's API server is configured to be, below a prefix."""
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.asked.append(self.path)
            self.send_response(server.status)
            self.end_headers()
            self.wfile.write(server.text.encode())

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        monkeypatch.setenv("AIRFLOW__API__BASE_URL", f"http://127.0.0.1:{listening.server_port}/air")
        yield server
        listening.shutdown()


@pytest.mark.parametrize("ago, said", [(5, ""), (119, ""), (600, "last seen at 2026-03-11 15:50 UTC")])
def test_who_gave_no_sign_for_two_minutes_is_silent(server, ago, said):
    """Whatever Airflow itself calls it."""
    server.says(NOW - timedelta(seconds=ago))
    told = describe_silence(NOW)
    assert said in told if said else told == ""
    assert server.asked == ["/air/api/v2/monitor/health"]


def test_one_that_was_never_seen_is_silent(server):
    """As `/event_delivery/health` has it."""
    server.says(None)
    assert describe_silence(NOW) == "Airflow's dag processor was never seen."


def test_the_address_that_tasks_use_goes_before_the_users_one(server, monkeypatch):
    """Within a cluster they are often two."""
    address = os.environ["AIRFLOW__API__BASE_URL"]
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTION_API_SERVER_URL", f"{address}/execution/")
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", f"http://127.0.0.1:{find_free_port()}")
    server.says(NOW)
    assert describe_silence(NOW) == ""


@pytest.mark.parametrize("status, text", [(404, "{}"), (200, "<html>Log in</html>"), (200, "{}"), (503, "")])
def test_what_is_no_answer_says_nothing(server, status, text):
    """Another server may stand there, or one that wants a login."""
    server.status, server.text = status, text
    assert describe_silence(NOW) is None


def test_a_database_that_airflow_cannot_read_says_nothing_of_the_dag_processor(server):
    """It would call every part silent."""
    server.says(None, metadatabase="unhealthy")
    assert describe_silence(NOW) is None


def test_a_server_that_is_away_says_nothing(monkeypatch):
    """Nor does it fail the watch."""
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", f"http://127.0.0.1:{find_free_port()}")
    assert describe_silence(NOW) is None
