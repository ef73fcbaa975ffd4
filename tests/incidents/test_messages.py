"""What do operators and clients read of each kind of incident, word for word?"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from event_delivery.incidents.__main__ import main
from event_delivery.incidents.examples import Example, example_of, write_examples
from event_delivery.incidents.kinds import KINDS
from event_delivery.incidents.message import write_operator
from event_delivery.incidents.words import CLIENT, OPERATOR
from event_delivery.ledger.incidents import Hit
from tests import PROJECT

GOLDEN = Path(__file__).parent / "golden"
EXAMPLES = list(write_examples())


def name_of(example: Example) -> str:
    return f"{example.kind}-{example.ending}-{example.reader}.txt"


@pytest.mark.parametrize("example", EXAMPLES, ids=name_of)
def test_every_message_reads_as_its_golden_file(example):
    """One file for each kind, end and reader; set WRITE_GOLDEN to write them anew, and read them."""
    text = f"To: {example.alert.to}\nSubject: {example.alert.subject}\n\n{example.alert.body}"
    file = GOLDEN / name_of(example)
    if os.environ.get("WRITE_GOLDEN"):
        file.write_text(text, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == text


def test_there_is_a_golden_file_for_every_message_and_no_other():
    """Each kind has both ends for an operator."""
    assert {file.name for file in GOLDEN.iterdir()} == {name_of(example) for example in EXAMPLES}
    for ending in ("opened", "closed"):
        told = {example.kind for example in EXAMPLES if (example.ending, example.reader) == (ending, "operator")}
        assert told == set(KINDS) == set(OPERATOR)


def test_a_client_reads_nothing_that_is_ours():
    """No cause, no other client, no word of Airflow, no blame."""
    for example in EXAMPLES:
        if example.reader == "client":
            text = f"{example.alert.subject}\n{example.alert.body}".lower()
            for word in ("airflow", "dag", "ledger", "yaml", "birch", "cedar", "events_db", "your fault", "22"):
                assert word not in text, (name_of(example), word)
    assert set(CLIENT) < set(KINDS)


def test_a_message_is_plain_and_short_whatever_a_server_said():
    """What does not show is gone, a long list ends with a number, and HTML is escaped."""
    incident = example_of("late").__class__(
        **{
            **example_of("late").__dict__,
            "cause": "\x1b[31m<script>" + "x" * 5_000,
            "hits": tuple(Hit(f"client_{number:04}", "late", ("2026-03-01",) * 40) for number in range(1_000)),
        }
    )
    alert = write_operator(incident, "opened", "America/New_York", "https://airflow.example/deliveries")
    assert "\x1b" not in alert.body
    assert len(alert.body) < 5_000
    assert "and 980 more" in alert.body
    assert "<script>" not in alert.html
    assert alert.body.endswith("https://airflow.example/deliveries\n")


def test_both_ends_of_an_incident_have_one_key_and_no_other_has_it():
    """Who pages by it resolves what it raised, also of a ledger that could not keep the incident at first."""
    late, away = example_of("late"), example_of("ledger_unreachable")
    begun, over = (write_operator(late, ending, "UTC") for ending in ("opened", "closed"))
    assert (begun.ending, over.ending, begun.severity) == ("opened", "closed", "error")
    assert begun.key == over.key
    again = replace(late, opened_at=late.opened_at + timedelta(hours=9))
    others = [write_operator(each, "opened", "UTC").key for each in (again, away)]
    assert len({begun.key, *others}) == 3
    recorded = replace(away, id=7, opened_at=away.opened_at.astimezone(ZoneInfo("Asia/Tokyo")))
    assert write_operator(recorded, "closed", "UTC").key == others[1]


def test_the_preview_prints_every_message(capsys):
    """For whoever writes rules; nothing is sent."""
    assert main(["preview"]) == 0
    shown = capsys.readouterr().out
    assert all(f"Subject: {example.alert.subject}\n" in shown for example in EXAMPLES)


def test_the_shipped_rules_are_right_and_tell_nobody():
    """Nothing is sent before somebody names a recipient."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "plugins")}
    environment.pop("EVENT_DELIVERY_ALERTS", None)
    command = [sys.executable, "-m", "event_delivery.incidents", "check"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split(": ")[-1]) == (0, "2 rules, 0 senders.\n"), done.stderr
