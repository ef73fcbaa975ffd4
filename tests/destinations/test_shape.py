"""Are the fields of a file's shape checked when the YAML is read, and do names follow from them?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from event_delivery.delivery import delivery_of_test_file as delivery_of_a_test_file
from event_delivery.delivery import nightly_delivery, supplement_of
from event_delivery.destinations.destination import Destination
from event_delivery.destinations.file import read_destination
from event_delivery.destinations.file_name import split_ending
from event_delivery.destinations.quarantined import QuarantinedDestination
from tests.sample_events import COMPANY, DAY

REQUIRED = f"client: Acme\ncompany_id: {COMPANY}\n"


def read(tmp_path, text):
    file = tmp_path / "acme.yaml"
    file.write_text(REQUIRED + text)
    return read_destination(file, {})


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("csv: {delimiter: ';'}", "field 'csv': found options of CSV beside format: json; wanted format: csv"),
        ("format: csv\ncsv: {delimiter: ';;'}", "field 'csv.delimiter': found ';;', wanted tab, or one ASCII"),
        ("format: csv\ncsv: {delimitr: ';'}", "field 'csv.delimitr': there is no such field"),
        ("format: csv\ncsv: {delimitr: ';'}", "did you mean 'delimiter'?"),
        ("format: csv\ncsv: {null: 'a,b'}", "field 'csv': found {None: 'a,b'}, wanted null without ','"),
        ("format: csv\ncsv: {true: 'J', false: 'J'}", "wanted true_word and false_word to differ"),
        ("columns: [id, id]", "wanted each name once: 'id' stands twice"),
        (
            "columns: {courseStarted: [id]}",
            "field 'columns': found 'courseStarted', wanted event types",
        ),
        ("columns: [{name: day, column: timestamp, timezone: Mars}]", "wanted an IANA timezone"),
        (
            "columns: [{name: day, column: timestamp, time_format: '%Q'}]",
            "wanted a time_format of strftime",
        ),
        ("only: [title]", "field 'only': found ['title'], wanted values by column"),
        ("file_name: '{event}'", "wanted {suffix}, {due} or {day}, with year, month and day"),
        ("file_name: '{event}-{day:%Y%m}'", "wanted {suffix}, {due} or {day}, with year, month and day"),
        ("file_name: '{dey}'", "found {dey}"),
        ("file_name: 'a/{day}'", "wanted letters, digits, spaces and"),
        ("compression: rar", "field 'compression': found 'rar', wanted 'none', 'gzip' or 'zip'"),
    ],
)
def test_a_wrong_shape_is_told_by_field_with_what_is_wanted(tmp_path, text, wanted):
    """A data engineer mends the right line."""
    found = read(tmp_path, text)
    assert isinstance(found, QuarantinedDestination)
    assert wanted in found.message


@pytest.mark.parametrize("names", [("null", "true", "false"), ('"null"', '"true"', '"false"')])
def test_words_for_null_and_truth_are_taken_as_yaml_reads_their_names(tmp_path, names):
    """`null`, `true` and `false` are values to YAML unless quoted, and names of options to us."""
    words = ", ".join(f"{name}: '{word}'" for name, word in zip(names, ("NULL", "J", "N"), strict=True))
    dialect = read(tmp_path, f"format: csv\ncsv: {{{words}}}").csv
    assert (dialect.null, dialect.true_word, dialect.false_word) == ("NULL", "J", "N")


@pytest.mark.parametrize(
    "fields, wanted",
    [
        ({}, "courseCompletion-42_2026-03-10T06-00-00-"),
        ({"file_name": "Acme_Completions_File_{day:%Y%m%d}"}, "Acme_Completions_File_20260309.json"),
        ({"file_name": "acme-{day}.txt", "compression": "gzip"}, "acme-2026-03-09.txt.gz"),
        ({"file_name": "acme-{day}", "format": "csv", "compression": "zip"}, "acme-2026-03-09.csv.zip"),
        ({"file_name": "{event}.{due:%Y%m%d%H}"}, "courseCompletion.2026031006.json"),
    ],
)
def test_a_name_is_made_of_its_parts(fields, wanted):
    """The format's ending follows, unless the template has one; how it is packed always does."""
    destination = Destination(id="acme", client="Acme", company_id=COMPANY, transfer_id=42, **fields)
    assert nightly_delivery(destination, "courseCompletion", destination.day(DAY)).file_name.startswith(wanted)


def test_a_template_never_gives_a_test_file_or_a_supplement_a_nights_name():
    """Two test files of a day differ, too."""
    destination = Destination(id="acme", client="Acme", company_id=COMPANY, file_name="acme-{day}.txt")
    night = nightly_delivery(destination, "courseCompletion", destination.day(DAY))
    tests = [
        delivery_of_a_test_file(destination, "courseCompletion", datetime(2026, 3, 8, 12, minute, tzinfo=UTC))
        for minute in (0, 1)
    ]
    names = [each.file_name for each in (night, supplement_of(night, 1), supplement_of(night, 2), *tests)]
    assert names[:2] == ["acme-2026-03-09.txt", "acme-2026-03-09-courseCompletion-supplement-1.txt"]
    assert len(set(names)) == 5


@pytest.mark.parametrize(
    "name, wanted",
    [
        ("a-1.csv", ("a-1", ".csv")),
        ("a-1.csv.gz", ("a-1", ".csv.gz")),
        ("a.b-1.json.zip.pgp", ("a.b-1", ".json.zip.pgp")),
        ("a-1.txt.asc", ("a-1", ".txt.asc")),
    ],
)
def test_the_ending_of_a_name_tells_how_the_file_is_packed(name, wanted):
    """Another format or packing is a further file of the same stem."""
    assert split_ending(name) == wanted
