"""What do all tests of the fault suite share: a ledger, the faulty server, the proxy, the note for the table?"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from dataclasses import astuple

import pytest

from event_delivery.ledger import open_ledger
from event_delivery.upload import UnconfirmedError
from local_servers.postgres import create_database
from tests.faults.files import Operation
from tests.faults.night import Attempt, Night, connect
from tests.faults.page import PROPERTY, WRITE, Row, documented, shorten
from tests.faults.proxy import Proxy
from tests.faults.server import FaultyServer
from tests.ledger_contents import forget_host_keys

_ledgers = itertools.count()


@pytest.fixture(scope="module")
def faults_ledger(postgres, tmp_path_factory) -> Iterator[None]:
    """A ledger and a staging area for a whole module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_CONN_EVENTS_DB", create_database(postgres, f"faults_{next(_ledgers)}"))
        patch.setenv("EVENT_DELIVERY_STAGING", str(tmp_path_factory.mktemp("staging")))
        with open_ledger():
            pass
        yield


@pytest.fixture(scope="module")
def running_faulty_server(tmp_path_factory) -> Iterator[FaultyServer]:
    with FaultyServer(tmp_path_factory.mktemp("faulty")) as server:
        yield server


@pytest.fixture
def faulty_server(running_faulty_server, faults_ledger, monkeypatch) -> FaultyServer:
    """The faulty server, friendly and empty, known as `sftp_faults`."""
    running_faulty_server.reset()
    forget_host_keys()
    connect(monkeypatch, running_faulty_server)
    return running_faulty_server


@pytest.fixture
def proxy(faulty_server, monkeypatch) -> Iterator[Proxy]:
    """A proxy before the faulty server, known as `sftp_faults`."""
    with Proxy(faulty_server.port) as running:
        connect(monkeypatch, faulty_server, running.port)
        faulty_server.patience = 0.2  # of a frozen line it never hears
        yield running
        faulty_server.patience = 1.0


@pytest.fixture
def note(request, record_property):
    """Note what was seen for the table, and hold it against docs/faults-in-full.md."""

    def note_row(
        section: str, where: str, fault: str, night: Night, first: int = 0, says: str = "", outcome: str = ""
    ) -> None:
        error = night.attempts[first].error
        says = says or (shorten(str(error), night.name) if error else "—")
        row = Row(section, where, fault, says, outcome or _outcome(night.attempts[first:]))
        indices = getattr(request.node, "callspec", None)
        place = (request.function.__code__.co_firstlineno, *(indices.indices.values() if indices else ()))
        record_property(PROPERTY, [[request.path.stem, *place], list(astuple(row))])
        if not (os.environ.get(WRITE) or documented(row)):
            pytest.fail(f"docs/faults-in-full.md says otherwise; look, then run make faults: {row}", pytrace=False)

    return note_row


def _outcome(attempts: list[Attempt]) -> str:
    if isinstance(attempts[-1].error, UnconfirmedError):
        return "unconfirmed: a person decides"
    if attempts[-1].error:
        return "a failure: look and clear the run"
    if len(attempts) == 1:
        return "nothing: it is delivered"
    done = {operation.name for attempt in attempts[1:] for operation in attempt.operations if _is_done(operation)}
    renamed = done & {"rename", "posix_rename"}
    did = "sends it again" if "write" in done else "renames it" if renamed else "finds it"
    return f"try {len(attempts)} {did}"


def _is_done(operation: Operation) -> bool:
    return operation.result == "done"
