"""A real ledger, and the passes of a watch over it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from event_delivery.incidents import Memory, Surroundings, watch
from event_delivery.ledger import open_ledger
from local_servers.mail_server import MailServer, running_mail_server
from tests.sample_events import COMPANY

collect_ignore = [] if find_spec("pagerduty") else ["test_other_senders.py"]  # `make test-cluster` has it
NOW = datetime(
    2026, 3, 11, 16, tzinfo=UTC
)  # noon in New York; the night of the 10th was due at 2, and promised by 6:30
ALERTS = """
senders:
  operators:
    notifier: airflow.providers.smtp.notifications.smtp.SmtpNotifier
    arguments: {from_email: us@example.org, to: ops@example.org, subject: "{{ alert.subject }}",
                html_content: "{{ alert.html }}"}
  clients:
    notifier: airflow.providers.smtp.notifications.smtp.SmtpNotifier
    arguments: {from_email: us@example.org, to: "{{ alert.to }}", subject: "{{ alert.subject }}",
                html_content: "{{ alert.html }}"}
contact_sender: clients
rules:
  - send_to: [operators]
"""


class DirectLedger:
    """The ledger, asked on the test's own connection."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def ask(self, question: Callable[..., Any], *arguments: Any) -> Any:
        return question(self.connection, *arguments)


@pytest.fixture
def ledger_connection(events_db):
    """A connection to an empty ledger of this release."""
    with open_ledger() as connection:
        yield connection


@dataclass
class Watching:
    """A watch over a real ledger that tells by real mail, at whatever time a test says it is."""

    folder: Path
    mail: MailServer
    now: datetime
    source: str | None = None
    shortage: str | None = None
    silence: str | None = ""
    kept: dict[str, str] = field(default_factory=dict)
    paused: set[str] = field(default_factory=set)

    def write(self, destination: str = "acme", **fields: Any) -> None:
        """Write a destination's file; without fields it is removed."""
        file = self.folder / f"{destination}.yaml"
        values = {"client": f"Client {destination}", "company_id": COMPANY, "start_date": "2026-01-01"} | fields
        file.write_text(json.dumps(values))

    def look(self, **later: float) -> list[str]:
        """Look once, so much later; returns what went wrong."""
        self.now += timedelta(**later)
        memory = Memory(lambda: self.kept.get("it"), lambda text: self.kept.update(it=text), self.kept.clear)
        around = Surroundings(
            lambda: self.now,
            memory,
            self.paused.__contains__,
            lambda: self.source,
            lambda: self.shortage,
            lambda _: self.silence,
            0,
        )
        return watch(around)

    def subjects(self, to: str = "ops@example.org") -> list[str]:
        """Return the subjects of all mails to an address, in order."""
        return [mail.subject for mail in self.mail.mails if mail.to == to]


@pytest.fixture
def watching(ledger: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watching]:
    """A watch with one destination, acme, whose first night is long over."""
    folder = tmp_path / "destinations"
    folder.mkdir()
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(folder))
    monkeypatch.setenv("EVENT_DELIVERY_ALERTS", str(tmp_path / "alerts.yaml"))
    (tmp_path / "alerts.yaml").write_text(ALERTS)
    with running_mail_server() as mail:
        monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", mail.connection)
        found = Watching(folder, mail, NOW)
        found.write()
        yield found
