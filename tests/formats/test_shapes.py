"""Does a client get the file that its YAML asks for?"""

from __future__ import annotations

import csv
import gzip
import io
import json
import subprocess
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from event_delivery.delivery import Delivery, nightly_delivery
from event_delivery.delivery import delivery_of_test_file as delivery_of_a_test_file
from event_delivery.destinations.destination import Destination
from event_delivery.errors import PermanentError
from event_delivery.extract.events import extract_events
from event_delivery.extract.sample import stage_sample_event
from event_delivery.formats.delivery_file import format_events, format_staged_events
from event_delivery.staging import Manifest
from tests.formats.test_formats import GOLDEN
from tests.formats.test_formats import awkward_day as awkward_day
from tests.sample_events import COMPANY, DAY, insert_event, noon

COLUMNS = ["id", {"userDetail.firstName": "Vorname"}, "title", {"name": "quelle", "constant": "100% LMS"}]

EXCEL = {"delimiter": ";", "encoding": "utf-8-bom", "line_end": "crlf", "escape_formulas": True}


def shape(**fields: Any) -> Delivery:
    destination = Destination(
        id="acme", client="Acme", company_id=COMPANY, transfer_id=42, **{"format": "csv", **fields}
    )
    return nightly_delivery(destination, "courseCompletion", destination.day(DAY))


def make(delivery: Delivery) -> tuple[Manifest, bytes]:
    extract_events(delivery)
    manifest = format_staged_events(delivery)
    return manifest, Path(manifest.path).read_bytes()


def read_plain() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(make(shape())[1].decode(), newline="")))


def test_a_dialect_of_semicolons_is_read_back_as_the_same_events(awkward_day):
    """Every value comes back through Python's csv with the dialect."""
    wanted = read_plain()
    _, found = make(shape(csv={"delimiter": ";", "quote": "all", "line_end": "crlf", "encoding": "utf-8-bom"}))
    assert found.startswith(b"\xef\xbb\xbf")
    text = found.decode("utf-8-sig")
    assert text.splitlines()[0].count(";") == 18
    assert list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";")) == wanted


def test_only_the_ends_of_records_become_windows_ones(awkward_day):
    """A line feed that a learner typed stays as it is."""
    _, found = make(shape(csv={"line_end": "crlf"}))
    assert b"two\nlines\r\nand three" in found
    assert found.count(b"\r\n") == 1 + 9 + 1


def test_null_and_the_empty_text_differ_where_null_has_a_word(awkward_day):
    """A null is the word, an empty text is empty, and the word itself is quoted."""
    _, found = make(shape(csv={"null": "NULL"}, columns=["id", "title"]))
    lines = found.decode().split("\n")
    assert lines[-2].endswith('""""')
    assert any(line.endswith(",NULL") for line in lines)
    assert any(line.endswith(",") for line in lines)


def test_utf16_opens_as_such(awkward_day):
    """The file is UTF-16LE with its mark."""
    wanted = read_plain()
    _, found = make(shape(csv={"encoding": "utf-16le", "delimiter": "tab"}))
    assert found.startswith(b"\xff\xfe")
    text = found.decode("utf-16")
    assert list(csv.DictReader(io.StringIO(text, newline=""), delimiter="\t")) == wanted


def test_a_character_that_the_encoding_lacks_is_named_with_its_event(awkward_day):
    """An integration engineer can find the one event that hinders a day."""
    with pytest.raises(
        PermanentError, match=r"event 0\S+2, column 'title': windows-1252 has no character U\+1F393"
    ):
        make(shape(csv={"encoding": "windows-1252"}))


def test_a_character_that_the_encoding_lacks_is_replaced_where_asked(awkward_day):
    """The client has chosen that."""
    _, found = make(shape(csv={"encoding": "windows-1252", "replacement": "?"}, columns=["title"]))
    assert "emoji ?, naïve, ???," in found.decode("cp1252")


def test_a_value_that_needs_quotes_is_named_where_they_are_forbidden(awkward_day):
    """Without quotes the file would be read as another one."""
    with pytest.raises(PermanentError, match=r"event 0\S+0, column 'title': a value needs quotes"):
        make(shape(csv={"quote": "none"}, columns=["id", "title"]))


def test_formulas_are_told_as_text(awkward_day):
    """A spreadsheet runs nothing that a learner typed."""
    _, found = make(shape(csv={"escape_formulas": True}))
    assert b"'=1+1" in found


def test_columns_are_chosen_ordered_and_named(awkward_day):
    """A constant stands beside what the statement returns."""
    wanted = [[row["id"], row["userDetail.firstName"], row["title"], "100% LMS"] for row in read_plain()]
    manifest, found = make(shape(columns=COLUMNS))
    rows = list(csv.reader(io.StringIO(found.decode(), newline="")))
    assert rows == [["id", "Vorname", "title", "quelle"], *wanted]
    assert list(manifest.columns) == rows[0]


@pytest.mark.parametrize("format_name", ["json", "ndjson"])
def test_json_has_the_chosen_columns(awkward_day, format_name):
    """Each line of NDJSON is an object, as node reads it."""
    wanted = read_plain()
    _, found = make(shape(format=format_name, columns=COLUMNS))
    lines = found.decode().removesuffix("\n").split("\n")
    events = json.loads(found) if format_name == "json" else [json.loads(line) for line in lines]
    assert [event["id"] for event in events] == [row["id"] for row in wanted]
    assert {event["quelle"] for event in events} == {"100% LMS"}


def test_an_instant_is_written_on_the_clients_clock(events_db, staging_area):
    """Format and zone are the column's own, across the change of clocks."""
    insert_event(events_db, noon(DAY))
    column = {
        "name": "at",
        "column": "timestamp",
        "time_format": "%d.%m.%Y %H:%M:%S%z",
        "timezone": "Europe/Berlin",
    }
    _, found = make(shape(columns=[column, {"name": "iso", "column": "timestamp", "timezone": "Asia/Kolkata"}]))
    at, iso = found.decode().split("\n")[1].split(",")
    local = noon(DAY)
    from zoneinfo import ZoneInfo

    berlin, kolkata = local.astimezone(ZoneInfo("Europe/Berlin")), local.astimezone(ZoneInfo("Asia/Kolkata"))
    assert at == berlin.strftime("%d.%m.%Y %H:%M:%S") + f"+0{int(berlin.utcoffset().total_seconds() // 3600)}:00"
    assert iso == kolkata.strftime("%Y-%m-%dT%H:%M:%S.") + f"{kolkata.microsecond // 1000:03d}+05:30"


def test_a_column_that_the_statement_lacks_is_told_with_what_was_meant(awkward_day):
    """The message names field, statement and the nearest column."""
    with pytest.raises(
        PermanentError, match=r"acme: field 'columns': .*no column 'titel'; did you mean 'title'\?"
    ):
        make(shape(columns=["id", "titel"]))


def test_only_the_wanted_events_go_out_and_the_others_are_counted(events_db, staging_area):
    """What is filtered is known as such."""
    for number, course in enumerate(["a", "b", "a", "c"]):
        insert_event(events_db, noon(DAY, number), title=course)
    manifest, found = make(shape(only={"title": ["a", "c"]}, columns=["title"]))
    assert found == b"title\na\na\nc\n"
    assert (manifest.rows, manifest.filtered) == (3, 1)


@pytest.mark.parametrize(
    "value", ["100% sure", "it's", 'say "x"', "back\\slash", "{a,b}", "ünï 🎓", "NULL", "", None]
)
def test_a_filter_takes_any_value_as_it_is(events_db, staging_area, value):
    """No sign of a value is read as SQL or as a list; null is not the text NULL."""
    for title in ("100% sure", "it's", 'say "x"', "back\\slash", "{a,b}", "ünï 🎓", "NULL", "", None):
        insert_event(events_db, noon(DAY), title=title)
    manifest, found = make(shape(format="json", only={"title": [value]}, columns=["title"]))
    assert (json.loads(found), manifest.filtered) == ([{"title": value}], 8)


def test_gzip_is_the_same_file_each_time_and_opened_by_gzip(awkward_day, tmp_path, find_program):
    """Neither a clock nor a machine's name stands in it."""
    wanted = make(shape())[1]
    manifest, found = make(shape(compression="gzip"))
    assert manifest.path.endswith(".csv.gz")
    assert gzip.decompress(found) == wanted
    assert make(shape(compression="gzip"))[1] == found
    (tmp_path / "file.csv.gz").write_bytes(found)
    assert (
        subprocess.run(
            [find_program("gzip", "gzip"), "-dc", tmp_path / "file.csv.gz"], check=True, capture_output=True
        ).stdout
        == wanted
    )


def test_zip_is_the_same_file_each_time_and_holds_the_plain_name(awkward_day, tmp_path):
    """Its one member is called as the file without .zip."""
    wanted = make(shape(format="json"))[1]
    manifest, found = make(shape(format="json", compression="zip"))
    with zipfile.ZipFile(io.BytesIO(found)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [Path(manifest.path).name.removesuffix(".zip")]
        assert archive.read(archive.namelist()[0]) == wanted
    assert make(shape(format="json", compression="zip"))[1] == found


def test_a_test_file_has_the_nights_shape(events_db, staging_area):
    """An integration engineer sees what nights will bring; the filter does not hold back the sample."""
    night = shape(columns=COLUMNS, csv={"delimiter": ";"}, only={"title": ["nobody's"]}, compression="gzip")
    test = delivery_of_a_test_file(night.destination, "courseCompletion", datetime(2026, 3, 9, tzinfo=UTC))
    manifest = format_events(test, stage_sample_event(test))
    lines = gzip.decompress(Path(manifest.path).read_bytes()).decode().split("\n")
    assert lines[0] == "id;Vorname;title;quelle"
    assert len(lines) == 3


def test_an_empty_day_has_the_header_alone_in_any_dialect(events_db, staging_area):
    """A reader sees the columns."""
    assert make(shape(csv={"line_end": "crlf"}, columns=["id", "title"]))[1] == b"id,title\r\n"
    assert make(shape(csv={"header": False}))[1] == b""
    assert make(shape(format="ndjson"))[1] == b""


@pytest.mark.parametrize(
    ("file", "fields"),
    [
        ("awkward-excel.csv", {"csv": EXCEL}),
        (
            "awkward-utf16.csv",
            {"csv": {"encoding": "utf-16le", "delimiter": "tab", "quote": "all", "null": "NULL"}},
        ),
        ("awkward-columns.ndjson", {"format": "ndjson", "columns": COLUMNS}),
    ],
)
def test_the_bytes_of_a_clients_own_shape_are_the_golden_ones(awkward_day, file, fields):
    """What a client receives never changes by accident."""
    assert make(shape(**fields))[1] == (GOLDEN / file).read_bytes()
