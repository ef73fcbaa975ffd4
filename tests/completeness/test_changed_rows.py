"""Reconciliation says how many delivered rows stand otherwise in the source now, and only where it can tell."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from datetime import UTC, datetime
from typing import Any

import pytest

from event_delivery.completeness.__main__ import main
from event_delivery.completeness.reconciliation import open_reconciliation
from event_delivery.completeness.report import Report, read_report
from event_delivery.completeness.row_sets import open_row_sets
from event_delivery.delivery import supplement_of
from event_delivery.destinations import Destination
from event_delivery.orchestration.reconciliation import reconcile_period
from tests.completeness.deliveries import kept_files, night
from tests.sample_events import COMPANY, DAY, insert_event, noon

NOW = datetime(2026, 3, 20, 8, tzinfo=UTC)


def reconcile(destination: Destination, **options: Any) -> Report:
    with open_reconciliation(destination, DAY, DAY, NOW, **options) as reconciliation:
        return read_report(reconciliation)


def change(connection: Any, event_id: str, title: str = "Another title") -> None:
    connection.execute("update events set title = %s where id = %s", [title, event_id])


@pytest.fixture(params=["json", "csv"])
def acme(request, acme):
    """The destination, in each format."""
    return acme.model_copy(update={"format": request.param})


def test_rows_that_were_changed_are_counted_and_no_others(events_db, acme, deliver):
    """Values with quotes, line ends, nothing and NaN-like text are the same as long as they are."""
    titles = ['a "quoted"\ntitle', "", None, "a,b", "ä€😀\\", "x\r\ny", "]", "[]"]
    ids = [insert_event(events_db, noon(DAY, n), title=title) for n, title in enumerate(titles)]
    deliver(night(acme, DAY))
    assert [row.changed for row in reconcile(acme).rows] == [0]
    change(events_db, ids[0], 'a "quoted"\nother title')
    change(events_db, ids[1], None)
    change(events_db, ids[2], "")
    report = reconcile(acme)
    assert ([row.changed for row in report.rows], report.totals["changed"]) == ([3], 3)
    assert report.is_clean, "each event was delivered once"
    assert "2026-03-09 courseCompletion: 8 at the source, 8 delivered, 3 changed since" in report.write_text()
    assert "3 delivered events were changed at the source since their delivery." in report.write_text()
    assert "Every event was delivered, once." in report.write_text()


def test_what_is_missing_or_unexpected_is_not_changed_too(events_db, acme, deliver):
    """An event is one of them."""
    kept, gone = (insert_event(events_db, noon(DAY, n)) for n in range(2))
    deliver(night(acme, DAY))
    events_db.execute("delete from events where id = %s", [gone])
    insert_event(events_db, noon(DAY, 2))
    change(events_db, kept)
    [row] = reconcile(acme).rows
    assert (row.missing, row.unexpected, row.changed) == (1, 1, 1)


def test_a_day_of_several_files_is_compared_by_its_rows(events_db, acme, deliver):
    """The supplement's row counts, and the night's."""
    first = insert_event(events_db, noon(DAY))
    deliver(night(acme, DAY))
    second = insert_event(events_db, noon(DAY, 1))
    deliver(supplement_of(night(acme, DAY), 1))
    assert [row.changed for row in reconcile(acme).rows] == [0]
    change(events_db, first)
    change(events_db, second)
    assert [row.changed for row in reconcile(acme).rows] == [2]
    deliver(night(acme, DAY))
    assert [row.changed for row in reconcile(acme).rows] == [0], "the day came again as it is now"


def test_an_empty_day_has_no_changed_rows(acme, deliver):
    """Neither one that was delivered, nor one that was not."""
    assert reconcile(acme).totals["changed"] == 0
    deliver(night(acme, DAY))
    [row] = reconcile(acme).rows
    assert (row.changed, row.note) == (0, None)


def test_without_the_kept_file_unchanged_is_known_and_changed_is_not(events_db, acme, deliver, staging_area):
    """The same bytes are proven by their sha256; which rows differ, the file alone tells."""
    changed = insert_event(events_db, noon(DAY))
    deliver(night(acme, DAY))
    for path in kept_files(staging_area):
        path.unlink()
    assert [row.changed for row in reconcile(acme).rows] == [0]
    change(events_db, changed)
    report = reconcile(acme)
    assert [(row.changed, row.is_clean) for row in report.rows] == [(None, True)]
    assert "which rows were changed, nobody can tell: acme, courseCompletion of 2026-03-09" in report.write_text()
    assert json.loads(report.write_json())["unknown_changes"] == 1


def test_an_edited_statement_changes_no_rows(events_db, acme, deliver, include):
    """What it writes otherwise now was not changed at the source: nobody can tell what was."""
    insert_event(events_db, noon(DAY))
    deliver(night(acme, DAY))
    file = include / "sql" / "course_completion.sql"
    text = file.read_text()
    file.write_text(f"-- a comment\n{text}")
    assert [row.changed for row in reconcile(acme).rows] == [0], "the bytes are the same"
    file.write_text(text.replace("title", "upper(title) as title", 1))
    [row] = reconcile(acme).rows
    assert (row.changed, row.is_clean) == (None, True)
    assert row.note == "which rows were changed, nobody can tell: the statement or its columns were edited since"


def test_another_format_in_the_yaml_changes_no_rows(events_db, acme, deliver):
    """The file is compared in the format that it has."""
    changed = insert_event(events_db, noon(DAY))
    deliver(night(acme, DAY))
    other = acme.model_copy(update={"format": "csv" if acme.format == "json" else "json"})
    assert [row.changed for row in reconcile(other).rows] == [0]
    change(events_db, changed)
    assert [row.changed for row in reconcile(other).rows] == [1]
    insert_event(events_db, noon(DAY, 1))
    deliver(supplement_of(night(other, DAY), 1))
    [row] = reconcile(other).rows
    assert (row.changed, row.is_clean) == (None, True)
    assert "its files are of several formats" in row.note


def test_what_an_older_release_delivered_is_known_by_its_bytes_alone(events_db, acme, deliver):
    """It noted neither statement nor digest."""
    changed = insert_event(events_db, noon(DAY))
    deliver(night(acme, DAY))
    events_db.execute(
        """update event_delivery.delivery_file
        set delivered_id_digest = null, delivered_recipe = delivered_recipe - 'copy' - 'columns'"""
    )
    assert [row.changed for row in reconcile(acme).rows] == [0]
    change(events_db, changed)
    [row] = reconcile(acme).rows
    assert (row.changed, row.is_clean) == (None, True)
    events_db.execute("update event_delivery.delivery_file set delivered_recipe = '{}', delivered_sha256 = null")
    assert [row.changed for row in reconcile(acme).rows] == [None]


def test_rows_are_left_out_where_a_person_asks_for_ids_only(
    events_db, acme, deliver, tmp_path, monkeypatch, capsys
):
    """By the option of the command and the param of the DAG; then `changed` is null, and the report says why."""
    changed = insert_event(events_db, noon(DAY))
    deliver(night(acme, DAY))
    change(events_db, changed)
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(tmp_path))
    yaml = f"client: {acme.client}\ncompany_id: {COMPANY}\nformat: {acme.format}\n"
    (tmp_path / "acme.yaml").write_text(yaml)
    asked = ["reconcile", "acme", "--from", str(DAY), "--to", str(DAY)]
    assert main([*asked, "--format", "csv"]) == 0
    [row] = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert row["changed"] == "1"
    assert main([*asked, "--ids-only", "--format", "json"]) == 0
    read = json.loads(capsys.readouterr().out)
    assert (read["totals"]["changed"], read["intervals"][0]["changed"], read["compares_rows"]) == (
        None,
        None,
        False,
    )
    assert main([*asked, "--ids-only"]) == 0
    assert "Ids were compared, and not what stands beside them." in capsys.readouterr().out
    params = {"destination": "acme", "from": str(DAY), "to": str(DAY)}
    assert reconcile_period(params)["totals"]["changed"] == 1
    assert reconcile_period({**params, "ids_only": True})["totals"]["changed"] is None


def test_sets_of_rows_need_little_memory():
    """Whatever their number: no row of them stays in Python."""
    rows = 100_000
    tracemalloc.start()
    with open_row_sets() as sets:
        sets.add_file((f"{n:012}", b"as it was") for n in range(rows))
        sets.add_source((f"{n:012}", b"as it was" if n % 2 else b"changed") for n in range(rows))
        changed = sets.count_changed()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert changed == rows // 2
    assert peak < 1 << 20
