"""Does a real Airflow tell by mail, once, that a server or the ledger is away, and once more when it is back?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from local_servers.airflow_client import AirflowClient
from local_servers.airflow_stack import AirflowStack
from local_servers.free_port import find_free_port
from local_servers.mail_server import MailServer, running_mail_server
from local_servers.postgres import Postgres, create_database
from local_servers.sftp_server import SftpServer, SftpUser
from tests import PROJECT
from tests.sample_events import COMPANY
from tests.sftp_logins import PASSWORD, confirmed_uri
from tests.waiting import wait_until

pytestmark = pytest.mark.slow

TEST_FILE, WATCH = "sftp_test_file__acme", "watch_deliveries"
EVENTS = "watching_events"
ALERTS = """
settle_minutes: 0
senders:
  operators:
    notifier: airflow.providers.smtp.notifications.smtp.SmtpNotifier
    arguments: {from_email: us@example.org, to: ops@example.org, subject: "{{ alert.subject }}",
                html_content: "{{ alert.html }}"}
rules:
  - {send_to: [operators]}
"""


@dataclass
class Instance:
    """An Airflow that watches each minute, a client's server, and a mail server."""

    api: AirflowClient
    sftp: SftpServer
    mail: MailServer
    uri: str

    def subjects(self) -> list[str]:
        """Return the subjects of all mails so far."""
        return [mail.subject for mail in self.mail.mails]

    def count_watches(self, state: str = "success") -> int:
        """Return how many passes have ended so."""
        count: int = self.api.get(f"/dags/{WATCH}/dagRuns", limit=1, state=state)["total_entries"]
        return count


@pytest.fixture(scope="module")
def instance(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """Airflow, with one destination whose test file waits."""
    folder: Path = tmp_path_factory.mktemp("watching")
    (folder / "destinations").mkdir()
    (folder / "destinations/acme.yaml").write_text(f"client: Acme\ncompany_id: {COMPANY}\n")
    (folder / "alerts.yaml").write_text(ALERTS)
    events_uri = create_database(postgres, EVENTS)
    create_database(postgres, "watching_airflow")
    with ExitStack() as resources:
        mail = resources.enter_context(running_mail_server())
        sftp = resources.enter_context(SftpServer(folder / "sftp", [SftpUser("acme", PASSWORD, "acme")]))
        environment = {
            "AIRFLOW_CONN_SFTP_ACME": confirmed_uri(sftp, "acme", PASSWORD),
            "AIRFLOW_CONN_EVENTS_DB": events_uri,
            "AIRFLOW_CONN_SMTP_DEFAULT": mail.connection,
            "EVENT_DELIVERY_DESTINATIONS": str(folder / "destinations"),
            "EVENT_DELIVERY_STAGING": str(folder / "staging"),
            "EVENT_DELIVERY_ALERTS": str(folder / "alerts.yaml"),
            "EVENT_DELIVERY_WATCH_MINUTES": "1",
        }
        events = resources.enter_context(psycopg.connect(events_uri, autocommit=True))
        events.execute((PROJECT / "include/sql/demo_schema.sql").read_text())
        stack = AirflowStack(
            folder / "airflow",
            postgres.sqlalchemy_uri("watching_airflow"),
            find_free_port(),
            PROJECT / "dags",
            PROJECT / "plugins",
            environment,
        )
        resources.callback(stack.stop)
        stack.start()
        made = Instance(stack.client(), sftp, mail, events_uri)
        wait_until(lambda: any(dag["dag_id"] == TEST_FILE for dag in made.api.get("/dags")["dags"]))
        yield made


def read_incidents(uri: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(uri) as ledger:
        return ledger.execute("select kind, closed_at is null from event_delivery.incident").fetchall()


def test_a_server_that_is_away_is_one_mail_and_one_when_it_is_back(instance):
    """With the cause and what to do; the passes between say nothing, and every one of them succeeds."""
    instance.sftp.stop()
    instance.api.patch(f"/dags/{TEST_FILE}", {"is_paused": False})
    wait_until(instance.subjects, lambda: read_incidents(instance.uri))
    passes = instance.count_watches()
    wait_until(lambda: instance.count_watches() > passes)
    [mail] = instance.mail.mails
    address = f"127.0.0.1:{instance.sftp.port}"
    assert mail.subject == f"[warning] Server {address} cannot be reached"
    assert "Connection refused" in mail.text
    assert "What to do: " in mail.text
    instance.sftp.start()
    wait_until(lambda: len(instance.mail.mails) > 1, lambda: read_incidents(instance.uri))
    passes = instance.count_watches()
    wait_until(lambda: instance.count_watches() > passes)
    assert instance.subjects() == [mail.subject, f"[over] Server {address} cannot be reached"]
    assert read_incidents(instance.uri) == [("server_unreachable", False)]
    assert instance.count_watches("failed") == 0


def test_a_ledger_that_is_away_is_one_mail_and_one_when_it_is_back(instance, postgres):
    """What it cannot keep meanwhile outlives each pass: the second one that finds it away says nothing."""
    before = len(instance.mail.mails)
    let_in = f"alter database {EVENTS} allow_connections {{}}"
    with psycopg.connect(postgres.uri("postgres"), autocommit=True) as administrator:
        administrator.execute(let_in.format("false"))
        try:
            wait_until(lambda: len(instance.mail.mails) > before)
            passes = instance.count_watches("failed")
            wait_until(lambda: instance.count_watches("failed") > passes + 1)
        finally:
            administrator.execute(let_in.format("true"))
    wait_until(lambda: len(instance.mail.mails) > before + 1)
    assert instance.subjects()[before:] == [
        "[error] The ledger gives no answer, or refuses",
        "[over] The ledger gives no answer, or refuses",
    ]
