"""What does a ledger's claim mean for an upload? By a table."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from event_delivery.errors import PermanentError
from event_delivery.ledger.instance import Claim, Database, Instance, Verdict, judge_claim, read_instance

HERE = Database(7, 16_384, "ledger")
REAL, REHEARSING = Instance("ours"), Instance("ours", "server")
OURS, OPEN = Verdict.OURS, Verdict.OPEN
COPY, KIND, NAME, HOLDS = "is a copy", "claimed for rehearsal", "belongs to instance", "real instance"


def claim(name: str = "ours", rehearsal: bool = False, system: int | None = 7, oid: int = 16_384) -> Claim:
    return Claim(name, rehearsal, system, oid, datetime(2026, 1, 31, tzinfo=UTC))


@pytest.mark.parametrize(
    "found, instance, wanted",
    [
        (None, REAL, OPEN),
        (None, REHEARSING, OPEN),
        (claim(), REAL, OURS),
        (claim("theirs"), REAL, NAME),
        (claim(system=8), REAL, COPY),
        (claim(oid=5), REAL, COPY),
        (claim("theirs", oid=5), REAL, COPY),
        (claim(system=None), REAL, OURS),
        (claim(system=None, oid=5), REAL, COPY),
        (claim(rehearsal=True), REAL, KIND),
        (claim(rehearsal=True, oid=5), REAL, COPY),
        (claim(), REHEARSING, HOLDS),
        (claim("theirs"), REHEARSING, HOLDS),
        (claim(oid=5), REHEARSING, OPEN),
        (claim("theirs", system=8), REHEARSING, OPEN),
        (claim(rehearsal=True), REHEARSING, OURS),
        (claim("theirs", rehearsal=True), REHEARSING, NAME),
    ],
)
def test_a_claim_lets_an_upload_pass_or_says_why_not(found, instance, wanted):
    """Name, database and kind must be this instance's; only a rehearsal may take a copy."""
    verdict = judge_claim(found, HERE, instance)
    if isinstance(wanted, Verdict):
        assert verdict is wanted
    else:
        assert isinstance(verdict, PermanentError)
        assert wanted in str(verdict)
        assert "event_delivery.ledger claim" in str(verdict)


def test_where_the_cluster_cannot_be_asked_the_database_alone_counts():
    """A role may lack the right to call pg_control_system."""
    assert judge_claim(claim(), Database(None, 16_384, "ledger"), REAL) is OURS
    assert isinstance(judge_claim(claim(), Database(None, 5, "ledger"), REAL), PermanentError)


def test_the_environment_names_the_instance(monkeypatch):
    """An empty variable is none."""
    monkeypatch.delenv("EVENT_DELIVERY_INSTANCE", raising=False)
    monkeypatch.setenv("EVENT_DELIVERY_REHEARSAL", "")
    assert read_instance() == Instance("default", None)
    monkeypatch.setenv("EVENT_DELIVERY_INSTANCE", "berlin")
    monkeypatch.setenv("EVENT_DELIVERY_REHEARSAL", "server")
    assert read_instance() == Instance("berlin", "server")
