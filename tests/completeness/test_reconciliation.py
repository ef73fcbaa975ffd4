"""Did they get everything? Source ids against delivered ids, for any period, as a report that can be checked."""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from event_delivery.completeness.__main__ import main
from event_delivery.completeness.reconciliation import open_reconciliation
from event_delivery.completeness.report import Report, read_report
from event_delivery.delivery import supplement_of
from event_delivery.destinations import Destination
from event_delivery.errors import PermanentError, RefusedError
from event_delivery.orchestration.reconciliation import reconcile_period
from event_delivery.staging import keep_delivered, stage_file
from tests.completeness.deliveries import kept_files, night
from tests.sample_events import COMPANY, DAY, insert_event, noon

NOW = datetime(2026, 3, 20, 8, tzinfo=UTC)
NEXT = DAY + timedelta(days=1)


def reconcile(destination: Destination, first: date = DAY, last: date = DAY) -> Report:
    with open_reconciliation(destination, first, last, NOW) as reconciliation:
        return read_report(reconciliation)


def counts(report: Report) -> list[tuple[Any, ...]]:
    return [
        (str(row.day), row.source, row.delivered, row.missing, row.duplicated, row.unexpected)
        for row in report.rows
    ]


def test_a_delivered_period_is_clean(events_db, acme, deliver):
    """Each day and event type has its row; so has an empty day."""
    for minutes in range(3):
        insert_event(events_db, noon(DAY, minutes))
    deliver(night(acme, DAY))
    deliver(night(acme, NEXT))
    report = reconcile(acme, DAY, NEXT)
    assert counts(report) == [("2026-03-09", 3, 3, 0, 0, 0), ("2026-03-10", 0, 0, 0, 0, 0)]
    assert report.is_clean
    assert "Every event was delivered, once." in report.write_text()


def test_what_is_missing_twice_or_unexpected_is_counted(events_db, acme, deliver, staging_area):
    """A late event, one that the source has lost since, and one that two files hold."""
    gone = insert_event(events_db, noon(DAY))
    twice = insert_event(events_db, noon(DAY, 1))
    deliver(night(acme, DAY))
    insert_event(events_db, noon(DAY, 2))
    deliver(supplement_of(night(acme, DAY), 1))
    insert_event(events_db, noon(DAY, 3))
    events_db.execute("delete from events where id = %s", [gone])
    assert counts(reconcile(acme)) == [("2026-03-09", 3, 3, 1, 0, 1)]
    supplement = supplement_of(night(acme, DAY), 1)
    (path,) = kept_files(staging_area / "acme" / supplement.key)
    content = json.loads(path.read_text())
    text = "[\n" + ",\n".join(map(json.dumps, [content[0], {**content[0], "id": twice}])) + "\n]\n"
    with stage_file(supplement, "doubled.json") as file:
        file.write(text.encode())
    manifest = file.manifest(2)
    keep_delivered(supplement, manifest, "doubled.json")
    events_db.execute(
        """update event_delivery.delivery_file
        set delivered_sha256 = %s, delivered_rows = 2, delivered_id_digest = 'ab'
        where file_name like '%%-supplement-1-%%'""",
        [manifest.sha256],
    )
    report = reconcile(acme)
    assert counts(report) == [("2026-03-09", 3, 4, 1, 1, 1)]
    assert not report.is_clean
    told = "2026-03-09 courseCompletion: 3 at the source, 4 delivered, 1 missing, 1 duplicated, 1 unexpected"
    assert told in report.write_text()


def test_a_day_that_was_never_delivered_is_missing(events_db, acme, deliver):
    """All that the source holds of it: before, between and after what was delivered, across a clock change too."""
    first = date(2026, 3, 7)
    for back in range(4):  # the clocks change on 8 March
        insert_event(events_db, noon(first + timedelta(days=back)))
    deliver(night(acme, date(2026, 3, 8)))
    report = reconcile(acme, first, first + timedelta(days=3))
    assert [(str(row.day), row.missing, row.note) for row in report.rows] == [
        ("2026-03-07", 1, "never delivered"),
        ("2026-03-08", 0, None),
        ("2026-03-09", 1, "never delivered"),
        ("2026-03-10", 1, "never delivered"),
    ]


def test_intervals_of_another_zone_are_reconciled_as_they_were_delivered(events_db, acme, deliver):
    """The days of the new zone lack only what no interval of the old one has covered."""
    insert_event(events_db, noon(DAY))
    deliver(night(acme, DAY))
    moved = acme.model_copy(update={"timezone": "Europe/Berlin"})
    report = reconcile(moved, DAY, NEXT)
    assert sum(row.source for row in report.rows) == 1
    assert [row.missing for row in report.rows if row.files] == [0]
    spans = [row.interval for row in report.rows]
    assert all(before.end == after.start for before, after in itertools.pairwise(spans))
    assert (spans[0].start, spans[-1].end) == (moved.day(DAY).start, moved.day(NEXT).end)


def test_what_nobody_can_tell_is_not_called_clean(events_db, acme, deliver, staging_area):
    """The delivered file is not kept, and the source holds another number of events."""
    insert_event(events_db, noon(DAY))
    deliver(night(acme, DAY))
    for path in kept_files(staging_area):
        path.unlink()
    assert reconcile(acme).is_clean, "the digests say so"
    insert_event(events_db, noon(DAY, 1))
    report = reconcile(acme)
    assert counts(report) == [("2026-03-09", 2, 1, None, None, None)]
    assert (report.is_clean, report.unknown) == (False, 1)
    assert "nobody can tell" in report.write_text()


@pytest.mark.parametrize("period", [(NEXT, DAY), (DAY, date(2026, 3, 20))])
def test_a_period_that_is_none_is_refused(acme, period):
    """It ends before it begins, or its last day is not over."""
    with pytest.raises(RefusedError, match="acme: from .* is no period of days that are over"):
        reconcile(acme, *period)


def test_the_report_is_one_in_every_form_and_can_be_checked(events_db, acme, deliver):
    """The checksum is that of what stands there; who changes a number changes it."""
    insert_event(events_db, noon(DAY))
    deliver(night(acme, DAY))
    report = reconcile(acme, DAY, NEXT)
    read = json.loads(report.write_json())
    claimed = read.pop("sha256")
    text = json.dumps(read, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(text.encode()).hexdigest() == claimed == report.sha256
    wanted = {"source": 1, "delivered": 1, "missing": 0, "duplicated": 0, "unexpected": 0, "changed": 0}
    assert read["totals"] == wanted
    rows = list(csv.DictReader(io.StringIO(report.write_csv())))
    assert [row["sha256"] for row in rows] == [claimed] * 2
    assert [row["files"] for row in rows] == [night(acme, DAY).file_name, ""]
    assert claimed in report.write_text()


@pytest.fixture
def destinations(tmp_path, monkeypatch, acme):
    """The folder with acme's YAML."""
    folder = tmp_path / "destinations"
    folder.mkdir()
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(folder))
    (folder / "acme.yaml").write_text(f"client: {acme.client}\ncompany_id: {COMPANY}\n")
    return folder


def test_the_command_tells_scripts_by_its_exit_status(events_db, acme, deliver, destinations, capsys):
    """0: every event was delivered once; 1: not; 2: that could not be found out."""
    arguments = ["reconcile", "acme", "--from", str(DAY), "--to", str(DAY)]
    insert_event(events_db, noon(DAY))
    assert main(arguments) == 1
    assert "1 missing (never delivered)" in capsys.readouterr().out
    deliver(night(acme, DAY))
    assert main([*arguments, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["clean"] is True
    assert main(["reconcile", "nobody"]) == 2
    assert "There is no destination 'nobody'" in capsys.readouterr().err
    (destinations / "acme.yaml").write_text("client: [")
    assert main(arguments) == 2
    assert "acme is quarantined" in capsys.readouterr().err


def test_airflow_reconciles_what_its_run_is_asked_for(events_db, acme, deliver, destinations):
    """Green with the totals and the checksum; red with the days that are not clean."""
    params = {"destination": "acme", "from": str(DAY), "to": str(DAY)}
    insert_event(events_db, noon(DAY))
    with pytest.raises(AirflowFailException, match="1 missing"):
        reconcile_period(params)
    deliver(night(acme, DAY))
    found = reconcile_period(params)
    assert (found["clean"], found["totals"]["source"], len(found["sha256"])) == (True, 1, 64)
    with pytest.raises(PermanentError, match="no destination"):
        reconcile_period({**params, "destination": "nobody"})


@pytest.mark.parametrize("state", ["unconfirmed", "uploading"])
def test_a_night_that_nobody_can_confirm_is_not_called_missing(events_db, acme, deliver, state):
    """The reader would send it again, to a client who may have it."""
    insert_event(events_db, noon(DAY))
    deliver(night(acme, DAY))
    events_db.execute("update event_delivery.delivery_record set state = %s, delivered_at = null", [state])
    events_db.execute("update event_delivery.delivery_file set delivered_at = null")
    report = reconcile(acme)
    assert [(row.missing, row.note) for row in report.rows] == [(None, f"{state}: nobody can tell yet")]
    assert not report.is_clean


def test_intervals_that_overlap_are_not_called_clean(events_db, acme, deliver):
    """A person allowed that after a change of zone: some events came in both files."""
    insert_event(events_db, noon(DAY))
    deliver(night(acme, DAY))
    moved = acme.model_copy(update={"timezone": "Europe/Berlin"})
    deliver(night(moved, DAY), allow_overlap=True)
    report = reconcile(moved)
    assert not report.is_clean
    assert {row.note for row in report.rows if row.files} == {
        "overlaps an interval of another zone: some events came in both"
    }
