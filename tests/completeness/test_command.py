"""Does the command tell what is missing, and that with a status that a script can trust?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from event_delivery.completeness.__main__ import main
from event_delivery.destinations import load_destinations
from event_delivery.schedule import last_day_before
from tests import PROJECT
from tests.sample_events import COMPANY

ZONE = "America/New_York"


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Return a function that writes a destination's YAML; the command leaves no trace in this process."""
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(tmp_path))
    monkeypatch.setenv("_AIRFLOW_PROCESS_CONTEXT", "server")

    def write(name, **fields):
        lines = {"client": name, "company_id": COMPANY} | fields
        (tmp_path / f"{name}.yaml").write_text("".join(f"{key}: {value}\n" for key, value in lines.items()))

    return write


@pytest.fixture
def days():
    """The latest three days that are missing for sure once their night is due."""
    latest = last_day_before(datetime.now(UTC) - timedelta(hours=8), ZONE)
    return [latest.previous.previous, latest.previous, latest]


def test_nothing_missing_is_status_zero(night, write, days, capsys):
    """Also where a destination has had no night yet."""
    write("acme")
    write("new")
    night(days[-1])
    assert main(["missing"]) == 0
    assert capsys.readouterr().out == "Nothing is missing.\n"


def test_what_is_missing_is_listed_by_destination_with_status_one(night, write, days, capsys):
    """As lines for people, and as JSON for scripts; of one destination where that is asked for."""
    for name in ("acme", "other"):
        write(name)
        night(days[0], destination=name)
    night(days[1], "failed", destination="acme")
    assert main(["missing"]) == 1
    out = capsys.readouterr().out
    first, second = out.splitlines()[1:3]
    assert first == f"  {days[1].date}  courseCompletion  failed"
    assert second == f"  {days[2].date}  courseCompletion  never tried"
    assert "\nother\n" in out
    assert main(["missing", "--json", "--destination", "other"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [each["day"] for each in told["missing"]] == [str(days[1].date), str(days[2].date)]
    assert told["missing"][0] == {
        "destination": "other", "event": "courseCompletion", "day": str(days[1].date),
        "from": days[1].start.isoformat(), "to": days[1].end.isoformat(), "state": "never tried",
        "obstacle": None,
    }  # fmt: skip


def test_a_quarantined_destination_is_no_all_clear(night, write, days, capsys):
    """Nobody can tell what it lacks; the others are listed all the same."""
    write("acme")
    write("other", format="xml")
    night(days[0])
    assert main(["missing"]) == 2
    told = capsys.readouterr()
    assert str(days[1].date) in told.out
    assert "other is quarantined" in told.err
    assert main(["missing", "--destination", "acme"]) == 1


@pytest.mark.parametrize("trouble", ["unknown", "ledger", "odd"])
def test_whatever_keeps_it_from_telling_is_status_two(night, write, days, capsys, monkeypatch, trouble):
    """One would say that something is missing, and zero that nothing is."""
    write("acme")
    if trouble == "ledger":
        monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", "postgresql://nobody@127.0.0.1:1/none")
    if trouble == "odd":
        monkeypatch.setattr("event_delivery.completeness.asked.find_destination", lambda _: 1 / 0)
    assert main(["missing", "--destination", "acme" if trouble != "unknown" else "acne"]) == 2
    told = capsys.readouterr()
    assert (told.out, len(told.err.splitlines())) == ("", 1)


def test_json_stands_alone_on_stdout(night, write, days):
    """A real process, whose Airflow logs what it likes: to stderr."""
    write("acme")
    night(days[0])
    environment = os.environ | {"PYTHONPATH": str(PROJECT / "plugins")}
    command = [sys.executable, "-m", "event_delivery.completeness", "missing", "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert [each["day"] for each in json.loads(done.stdout)["missing"]] == [str(day.date) for day in days[1:]]
    assert done.returncode == 1


def test_a_day_that_no_run_can_bring_is_listed_with_what_to_do(night, write, days, capsys):
    """After a change of time zone; a script finds the sentence beside the day."""
    night(days[0])
    write("acme", timezone="Europe/Berlin")
    main(["missing", "--json"])
    told = json.loads(capsys.readouterr().out)["missing"]
    assert "allow_overlap" in told[0]["obstacle"]
    main(["missing"])
    assert "cannot be delivered by itself: the client has a part" in capsys.readouterr().out


def test_what_airflow_prints_meanwhile_goes_to_stderr(night, write, days, capsys, monkeypatch):
    """It logs to stdout what it makes; a script parses that."""
    write("acme")
    night(days[0])

    def load():
        print("[info] a line of Airflow's log")  # noqa: T201
        return load_destinations()

    monkeypatch.setattr("event_delivery.completeness.missing_answer.load_destinations", load)
    assert main(["missing", "--json"]) == 1
    told = capsys.readouterr()
    assert len(json.loads(told.out)["missing"]) == 2
    assert "a line of Airflow's log" in told.err
