"""Whatever goes wrong at whatever step: one whole file, once, and a true sentence about what happened?"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from conftest import sftp_uri
from faults.behaviour import PASSWORD
from faults.fault import Fault
from faults.night import LIMITS, SHORT_LIMITS, TRIES, Attempt, Night
from faults.page import PROPERTY, WRITE, Row, documented, shorten
from faults.scenario import SCENARIOS, Case, Scenario, cases, is_undecidable
from faults.server import FaultyServer

from demo.postgres import create_database

pytest_plugins = ["faults.summary"]
EVERY_CASE = [case for scenario in SCENARIOS for case in cases(scenario)]
CASES = [case for case in EVERY_CASE if not is_undecidable(case)]
UNDECIDABLE = [case for case in EVERY_CASE if is_undecidable(case)]


@pytest.fixture(scope="module", autouse=True)
def ledger(postgres, tmp_path_factory) -> Iterator[None]:
    """A ledger and a staging area for the whole module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_CONN_EVENTS_DB", create_database(postgres, f"faults_{os.getpid()}"))
        patch.setenv("EVENT_DELIVERY_STAGING", str(tmp_path_factory.mktemp("staging")))
        yield


@pytest.fixture(scope="module")
def running_server(tmp_path_factory) -> Iterator[FaultyServer]:
    with FaultyServer(tmp_path_factory.mktemp("faulty")) as server:
        yield server


@pytest.fixture
def server(running_server, monkeypatch) -> FaultyServer:
    """The faulty server, friendly and empty, known as `sftp_faults`."""
    running_server.reset()
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_FAULTS", sftp_uri("acme", PASSWORD, running_server.port))
    return running_server


@pytest.fixture
def note(record_property):
    """Note what was seen for the table, and hold it against docs/faults.md."""

    def note_row(section: str, where: str, fault: str, night: Night, first: int = 0) -> None:
        error = night.attempts[first].error
        says = shorten(str(error), night.name) if error else "—"
        row = Row(section, where, fault, says, _outcome(night.attempts[first:]))
        record_property(PROPERTY, (row.section, row.where, row.fault, row.says, row.outcome))
        if not (os.environ.get(WRITE) or documented(row)):
            pytest.fail(f"docs/faults.md says otherwise; look, then run make faults: {row}", pytrace=False)

    return note_row


def _outcome(attempts: list[Attempt]) -> str:
    if attempts[-1].error:
        return "a failure: look and clear the run"
    if len(attempts) == 1:
        return "nothing: it is delivered"
    names = {name for attempt in attempts[1:] for name in attempt.names}
    did = (
        "sends it again"
        if "write" in names
        else "renames it"
        if names & {"rename", "posix_rename"}
        else "finds it"
    )
    return f"try {len(attempts)} {did}"


def begin(server: FaultyServer, scenario: Scenario) -> Night:
    """Bring a delivery to where the scenario's try begins."""
    server.reset(scenario.behaviour)
    night = Night(server, dict(scenario.fields), older=scenario.older)
    if scenario.prelude:
        server.script.set(scenario.prelude)
        night.attempt()
        assert server.script.struck
    return night


def strike(night: Night, fault: Fault) -> int:
    """Try until the fault has struck; returns which attempt it hit. A limit may end a try before it."""
    for _ in range(3):
        night.server.script.set(fault)
        silent = fault.what in ("hang", "late", "silent")
        night.attempt(SHORT_LIMITS if silent else LIMITS)
        if night.server.script.struck:
            night.server.script.set()
            return len(night.attempts) - 1
    raise AssertionError(f"{fault} never struck")


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_every_request_of_a_delivery_is_among_the_points_where_faults_strike(server, scenario):
    """Nothing that a delivery asks of a server is left out of the matrix."""
    night = begin(server, scenario)
    attempt = night.attempt()
    night.check_delivered()
    asked = {_kind(operation.name, operation.path) for operation in attempt.operations}
    assert asked >= {_kind(point.operation, point.path) for point in scenario.points}
    assert asked <= {_kind(point.operation, point.path) for each in SCENARIOS for point in each.points}


def _kind(operation: str, path: str) -> tuple[str, bool]:
    return operation, path.rpartition("/")[2].startswith(".")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_fault_at_any_step_leads_to_one_whole_file(server, note, case: Case):
    """Struck once, then served well: delivered within the next try, with every promise kept."""
    night = begin(server, case.scenario)
    with night.watched(case.scenario.atomic):
        hit = strike(night, case.fault)
        night.retry()
    note(case.scenario.name, case.point.words, case.words, night, hit)


@pytest.mark.parametrize("case", UNDECIDABLE, ids=str)
def test_what_nobody_can_tell_apart_makes_no_second_copy(server, note, case: Case):
    """A robot took the file, and the server denies having renamed it: better a failure than two copies."""
    night = begin(server, case.scenario)
    hit = strike(night, case.fault)
    while len(night.attempts) < TRIES:
        night.attempt()
    assert all(attempt.error for attempt in night.attempts)
    assert len(server.copies()) == 1
    assert server.files() == {}
    note(case.scenario.name, case.point.words, case.words, night, hit)
