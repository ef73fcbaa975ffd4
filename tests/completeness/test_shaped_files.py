"""Is it known which events a client has, whatever its files look like?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from event_delivery.completeness.kept_ids import read_kept_ids
from event_delivery.completeness.look_back import look_back
from event_delivery.completeness.reconciliation import open_reconciliation
from event_delivery.completeness.report import read_report
from event_delivery.delivery import supplement_of
from event_delivery.destinations import Destination
from event_delivery.ledger import open_ledger_reading
from event_delivery.staging import find_kept
from tests.completeness.deliveries import night
from tests.sample_events import COMPANY, DAY, insert_event, noon

NOW = datetime(2026, 3, 11, 8, tzinfo=UTC)
SHAPES = {
    "gzip": {"format": "csv", "compression": "gzip"},
    "zip": {"format": "json", "compression": "zip"},
    "without ids": {"format": "csv", "columns": ["title"], "csv": {"header": False}},
    "utf-16": {"format": "csv", "csv": {"encoding": "utf-16le", "line_end": "crlf", "quote": "all"}},
    "parquet": {"format": "parquet", "columns": ["title", "timestamp"]},
    "ndjson": {"format": "ndjson", "columns": [{"id": "nummer"}]},
}


def shaped(acme: Destination, **fields: object) -> Destination:
    """Return the destination with other fields, checked as a YAML file's are."""
    told = acme.model_dump(exclude_defaults=True) | {"id": acme.id, "client": acme.client, "company_id": COMPANY}
    return Destination(**(told | fields))


def reconcile(destination):
    with open_reconciliation(destination, DAY, DAY, NOW) as reconciliation:
        return read_report(reconciliation)


@pytest.fixture(params=SHAPES, ids=list(SHAPES))
def acme(request, acme):
    """The destination, in each shape."""
    return shaped(acme, **SHAPES[request.param], late_events="supplement")


def test_the_ids_of_a_delivered_file_are_known(events_db, acme, deliver):
    """They are kept beside the file, whose bytes need not tell them."""
    ids = {insert_event(events_db, noon(DAY, number)) for number in range(3)}
    deliver(night(acme, DAY))
    with open_ledger_reading() as ledger:
        [file] = ledger.read_received(acme.id, night(acme, DAY).interval_start, night(acme, DAY).interval_end)
    assert {*read_kept_ids(night(acme, DAY), file)} == ids
    [row] = reconcile(acme).rows
    assert (row.missing, row.unexpected, row.changed, row.note) == (0, 0, 0, None)


def test_a_late_event_is_found_and_brought_by_a_supplement(events_db, acme, deliver):
    """A supplement has the shape, and holds the late event alone."""
    insert_event(events_db, noon(DAY))
    deliver(night(acme, DAY))
    insert_event(events_db, noon(DAY, 1))
    [remedy] = look_back(acme, NOW)
    assert remedy.supplement == 1
    deliver(supplement_of(night(acme, DAY), 1))
    [row] = reconcile(acme).rows
    assert (row.delivered, row.missing, row.duplicated, row.unexpected) == (2, 0, 0, 0)


def test_what_the_filter_leaves_out_is_filtered_and_not_missing(events_db, acme, deliver):
    """The report says how many of the day's events the client does not want."""
    acme = shaped(acme, only={"title": ["wanted"]})
    for title in ("wanted", "other", "other"):
        insert_event(events_db, noon(DAY), title=title)
    deliver(night(acme, DAY))
    [row] = reconcile(acme).rows
    assert (row.source, row.delivered, row.missing) == (1, 1, 0)
    assert row.note == "2 of the day's events are filtered out by `only`"


def test_a_supplement_filters_nothing_out(events_db, acme, deliver):
    """What it leaves out the night has."""
    acme = shaped(acme, only={"title": ["wanted"]})
    for title in ("wanted", "other"):
        insert_event(events_db, noon(DAY), title=title)
    deliver(night(acme, DAY))
    insert_event(events_db, noon(DAY, 1), title="wanted")
    deliver(supplement_of(night(acme, DAY), 1))
    [kept] = find_kept(supplement_of(night(acme, DAY), 1))
    assert (kept.manifest.rows, kept.manifest.filtered) == (1, 0)


def test_another_filter_makes_no_event_late(events_db, acme, deliver):
    """What the client did not want then is not brought now, and nobody claims that the day is whole."""
    for title in ("wanted", "other"):
        insert_event(events_db, noon(DAY), title=title)
    deliver(night(shaped(acme, only={"title": ["wanted"]}), DAY))
    assert look_back(acme, NOW) == []
    [row] = reconcile(acme).rows
    assert (row.missing, row.note) == (
        None,
        "it was delivered with another filter than the YAML's `only` names now",
    )


def test_other_columns_make_no_row_changed(events_db, acme, deliver):
    """Rows are compared as they were written."""
    insert_event(events_db, noon(DAY))
    deliver(night(acme, DAY))
    edited = shaped(acme, columns=["id", "title", "user"])
    [row] = reconcile(edited).rows
    assert (row.missing, row.unexpected, row.changed) == (0, 0, 0)
