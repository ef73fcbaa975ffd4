"""Does a file begin on the page as a night would send it, masked, in time, and is nothing of it kept?"""

from __future__ import annotations

import csv
import gzip
import io
import json
import tempfile
from pathlib import Path

import psycopg
import pytest

from event_delivery.errors import PermanentError, RetryableError
from event_delivery.preview import choose_delivery, make_preview
from event_delivery.preview.first_events import Bounds, read_first_events
from tests.sample_events import DAY, insert_event, noon

LEARNER = {
    "user": "bob@school.com",
    "title": "Überblick; für\nBob",
    "user_detail": {"firstName": "Bob", "lastName": "=Jonson", "ref1": "7777"},
}
COLUMNS = [
    "id",
    {"name": "when", "column": "timestamp", "time_format": "%d.%m.%Y"},
    {"user": "learner"},
    {"name": "from", "constant": "us"},
]
SHAPES = [
    ({}, "utf-8"),
    ({"format": "ndjson"}, "utf-8"),
    ({"format": "csv"}, "utf-8"),
    ({"format": "csv", "csv": {"delimiter": ";", "line_end": "crlf", "encoding": "windows-1252"}}, "cp1252"),
    ({"format": "csv", "csv": {"encoding": "utf-16le", "quote": "all", "null": "NULL"}}, "utf-16"),
    ({"format": "csv", "csv": {"encoding": "utf-8-bom", "escape_formulas": True}}, "utf-8-sig"),
    ({"format": "csv", "columns": COLUMNS}, "utf-8"),
]


def make_file(encoding):
    """The text of the file that the command writes."""
    with make_preview(choose_delivery("acme", None, DAY)) as (_, file):
        return file.read().decode(encoding)


@pytest.mark.parametrize(("shape", "encoding"), SHAPES)
def test_all_of_a_short_day_is_the_file(events_db, write_acme, shape, encoding):
    """Each dialect, as text."""
    write_acme(**shape)
    for minutes in range(3):
        insert_event(events_db, noon(DAY, minutes), **LEARNER)
    found = read_first_events(choose_delivery("acme", None, DAY), masked=False)
    assert found.text == make_file(encoding)
    assert (found.events, found.more, found.cut, found.masked) == (3, False, False, ())


def test_a_packed_file_is_shown_as_it_is_before_it_is_packed(events_db, write_acme):
    """A person reads no gzip."""
    write_acme(format="csv", compression="gzip")
    insert_event(events_db, noon(DAY))
    delivery = choose_delivery("acme", None, DAY)
    with make_preview(delivery) as (_, file):
        assert read_first_events(delivery, masked=False).text == gzip.decompress(file.read()).decode()


def test_a_day_without_events_is_the_empty_file(write_acme):
    """Not an error."""
    write_acme(format="csv")
    found = read_first_events(choose_delivery("acme", None, DAY), masked=True)
    assert (found.text, found.events) == (make_file("utf-8"), 0)


@pytest.mark.parametrize("masked", [True, False])
def test_a_long_day_shows_its_first_events(events_db, write_acme, masked):
    """In the order of the file, which is not that of their coming."""
    write_acme()
    ids = [insert_event(events_db, noon(DAY, minutes)) for minutes in reversed(range(7))]
    found = read_first_events(choose_delivery("acme", None, DAY), masked, Bounds(events=3))
    assert [each["id"] for each in json.loads(found.text)] == ids[:-4:-1]
    assert (found.events, found.more) == (3, True)


@pytest.mark.parametrize(("shape", "encoding"), SHAPES)
def test_masked_no_value_of_a_learner_is_shown(events_db, write_acme, shape, encoding):
    """The file keeps its form and its names; null stays null, and which columns are masked is told."""
    write_acme(**shape)
    event_id = insert_event(events_db, noon(DAY), **LEARNER)
    found = read_first_events(choose_delivery("acme", None, DAY), masked=True)
    for value in ("bob", "Bob", "berblick", "Jonson", "7777", "7670fdbe"):
        assert value not in found.text
    assert event_id in found.text
    assert ("***" in found.text) == bool(found.masked)
    whole, text = make_file(encoding), found.text
    if shape.get("format") == "csv":
        dialect = shape.get("csv", {}).get("delimiter", ",")
        rows, there = (list(csv.reader(io.StringIO(each), delimiter=dialect)) for each in (text, whole))
        assert rows[0] == there[0]
        assert [not value for value in rows[1]] == [not value for value in there[1]]
        assert [name for name, value in zip(*rows, strict=True) if value == "***"] == [
            name
            for name, value in zip(rows[0], there[1], strict=True)
            if name in found.masked and value not in ("", "NULL")
        ]
    else:
        shown, there = (json.loads(each.strip("[]\n")) for each in (text, whole))
        assert (list(shown), shown["user"], shown["userDetail"]["firstName"]) == (list(there), "***", "***")
        assert (shown["userDetail"]["sfContactId"], shown["companyId"]) == (None, there["companyId"])
        assert "userDetail.firstName" in found.masked


def test_the_test_file_is_shown_as_it_is(events_db, write_acme):
    """Its sample is nobody's."""
    write_acme(format="csv")
    found = read_first_events(choose_delivery("acme", None, None, test_file=True), masked=True)
    assert "Bob,Johnson" in found.text
    assert (found.events, found.masked) == (1, ())


def test_a_text_that_is_too_long_is_cut(events_db, write_acme):
    """In bytes of the file; what is read beyond is let go of."""
    write_acme()
    for minutes in range(30):
        insert_event(events_db, noon(DAY, minutes), title="x" * 100_000)
    found = read_first_events(choose_delivery("acme", None, DAY), masked=False, bounds=Bounds(bytes=5_000))
    assert (len(found.text), found.cut) == (5_000, True)
    assert make_file("utf-8").startswith(found.text)


def test_a_source_that_takes_too_long_is_let_go_of(events_db, write_acme, postgres):
    """A sentence says which command has no such limit."""
    write_acme()
    delivery = choose_delivery("acme", None, DAY)
    with psycopg.connect(events_db.info.dsn) as other:
        other.execute("lock table events")
        with pytest.raises(RetryableError, match=r"within 1 s: python -m event_delivery\.preview"):
            read_first_events(delivery, masked=True, bounds=Bounds(seconds=1))


def test_nothing_of_it_is_kept(events_db, write_acme, staging_area, tmp_path, monkeypatch):
    """Neither in the staging area nor in a scratch folder nor in the ledger."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    write_acme()
    insert_event(events_db, noon(DAY))
    read_first_events(choose_delivery("acme", None, DAY), masked=False)
    assert [path for path in staging_area.rglob("*") if path.is_file()] == []
    assert not Path(tempfile.gettempdir()).exists()
    tables = "select count(*) from information_schema.tables where table_schema = 'event_delivery'"
    assert events_db.execute(tables).fetchone() == (0,)


def test_a_value_that_cannot_be_written_is_named_as_the_night_would(events_db, write_acme):
    """By event and column."""
    write_acme(format="csv", csv={"encoding": "latin-1"})
    event_id = insert_event(events_db, noon(DAY), title="日本")
    with pytest.raises(PermanentError, match=f"event {event_id}, column 'title': latin-1 has no character"):
        read_first_events(choose_delivery("acme", None, DAY), masked=False)
