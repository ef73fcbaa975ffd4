"""Whatever kept days back in a living instance, does the hourly pass or one command bring each of them, once?"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from event_delivery.completeness import __main__ as completeness
from event_delivery.orchestration import source_wait
from event_delivery.schedule import day_of, last_day_before
from tests.histories.clock import Clock, telling
from tests.histories.destination_history import History
from tests.histories.test_histories import _numbers, world

__all__ = ["world"]
pytestmark = pytest.mark.slow


@pytest.fixture
def history(world) -> Iterator[History]:
    """A destination whose first nights are delivered, with an event every six hours."""
    clock, real = Clock(), source_wait.extract_events
    with telling(clock), pytest.MonkeyPatch.context() as patch:
        history = History(world, next(_numbers), clock)

        def observed(delivery: Any, accept_unready: bool = False) -> Any:
            history.note_source(delivery)
            return real(delivery, accept_unready)

        patch.setattr(source_wait, "extract_events", observed)
        history.add_events(list(range(0, 3_000, 360)))
        history.pass_time(30, airflow_runs=True)
        yield history
        history.close()


def away(history, hours):
    history.clock.advance(timedelta(hours=hours))


def paused(history, hours):
    history.airflow.pause(True)
    history.pass_time(hours, airflow_runs=True)
    history.airflow.pause(False)


def quarantined(history, hours):
    history.edit(format="xml")
    history.pass_time(hours, airflow_runs=True)
    history.edit(format=None)


def disabled(history, hours):
    history.edit(enabled="false")
    history.pass_time(hours, airflow_runs=True)
    history.edit(enabled=None)


def without_its_runs(history, hours):
    """The scheduler makes the nights' runs, and somebody deletes them before they begin."""
    for _ in range(hours // 24):
        history.clock.advance(timedelta(hours=24))
        history.airflow.schedule()
        for run in history.airflow.runs():
            if run.state == "queued":
                history.airflow.session.delete(run)
        history.airflow.session.commit()


@pytest.mark.parametrize("cause", [away, paused, quarantined, disabled, without_its_runs])
def test_whatever_kept_days_back_the_hourly_pass_brings_them(history, cause):
    """Six days, across a change of clocks: then each local day since the first night is delivered, once."""
    first = min(row["interval_start"] for row in history._read_rows())
    cause(history, 144)
    history.add_events(list(range(0, 9_000, 360)))
    history.settle()
    assert len(history.find_missing()) >= 4
    history.recover()
    assert history.find_missing() == []
    last = last_day_before(history.clock.now - timedelta(hours=8), history.zone)
    rows = sorted((row for row in history._read_rows()), key=lambda row: row["interval_start"])
    assert [row["state"] for row in rows] == ["delivered"] * len(rows)
    bounds = [(row["interval_start"], row["interval_end"]) for row in rows]
    assert bounds[0][0] == first
    assert bounds[-1][1] == last.end
    assert all(before[1] == after[0] for before, after in itertools.pairwise(bounds))


def test_a_command_starts_what_is_missing_in_airflows_own_database(history, capsys):
    """A few, oldest first; then all, beside those under way; nothing behind a DAG that is paused."""
    away(history, 168)
    history.settle()
    missing = [str(day.day) for day in history.find_missing()]
    ask = ["missing", "--destination", history.name]

    def run(*more: str) -> tuple[int, dict[str, Any]]:
        status = completeness.main([*ask, "--json", *more])
        out = capsys.readouterr().out  # Airflow's log of before is in it too
        return status, json.loads(out[out.index("{\n") :])

    status, told = run()
    assert (status, [each["day"] for each in told["missing"]], told["started"]) == (1, missing, [])
    history.airflow.pause(True)
    [note] = run("--deliver", "--all")[1]["notes"]
    assert note.startswith(f"{history.name}: nothing is started, for its DAG is paused")
    history.airflow.pause(False)
    assert [each["day"] for each in run("--deliver")[1]["started"]] == missing[:3]
    status, told = run("--deliver")
    assert (told["started"], "runs of it are under way" in told["notes"][0]) == ([], True)
    assert [each["day"] for each in run("--deliver", "--all")[1]["started"]] == missing[3:]
    shown = [day_of(run.data_interval_start, history.zone).date for run in history.airflow.runs()]
    assert {str(each) for each in shown} >= set(missing)
    history.settle()
    assert run() == (0, {"missing": [], "started": [], "notes": [], "troubles": []})
