"""Is a client's guide enough to load its files rightly, and does it say what the files are?"""

from __future__ import annotations

import csv
import json
import re
from datetime import UTC, datetime

import pytest

from event_delivery.completeness.supplement import extract_supplement
from event_delivery.delivery import nightly_delivery, supplement_of
from event_delivery.extract import extract_events
from event_delivery.formats import format_staged_events
from event_delivery.guide.__main__ import main
from event_delivery.guide.html import write_html
from event_delivery.guide.markdown import write_markdown
from event_delivery.guide.wording import write_guide
from event_delivery.upload import UploadRun, deliver_file
from tests.guide.importer import Importer
from tests.sample_events import DAY, insert_event, noon

NOW = datetime(2026, 3, 11, 8, tzinfo=UTC)
SHAPES = {
    "json": {},
    "csv": {"format": "csv"},
    "semicolons": {
        "format": "csv",
        "csv": {"delimiter": ";", "line_end": "crlf", "encoding": "utf-8-bom", "quote": "all"},
        "columns": ["id", {"userDetail.id": "learner"}, "title"],
        "companion": "manifest",
    },
    "gzip": {"format": "ndjson", "compression": "gzip", "companion": "manifest"},
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=list(SHAPES))
def test_an_importer_made_of_the_guide_loads_everything_rightly(events_db, write_acme, sftp_server, log, shape):
    """Nights, an empty day, a late event's supplement, a redelivery that takes both their places."""
    destination = write_acme(**shape)
    folder = sftp_server.user_folder("acme")
    importer = Importer(shape.get("csv", {}).get("delimiter", ","), manifests="companion" in shape)

    def deliver(delivery, run):
        extract_supplement(delivery) if delivery.supplement else extract_events(delivery)
        format_staged_events(delivery)
        deliver_file(delivery, UploadRun("dag", run), log)
        importer.load(folder)

    first, empty = (
        nightly_delivery(destination, "courseCompletion", destination.day(DAY.replace(day=day))) for day in (9, 8)
    )
    ids = {insert_event(events_db, noon(DAY, number), title=f"line\n{number};,") for number in range(3)}
    deliver(first, "night")
    deliver(empty, "empty night")
    assert importer.events.keys() == ids
    late = insert_event(events_db, noon(DAY, 4), title="late")
    deliver(supplement_of(first, 1), "late")
    assert importer.events.keys() == ids | {late}
    gone = min(ids)
    events_db.execute("delete from events where id = %s", [gone])
    deliver(first, "again")
    assert importer.events.keys() == (ids | {late}) - {gone}
    assert importer.events[late]["title"] == "late"


def test_the_guide_names_the_files_that_come(events_db, write_acme):
    """The example's name is that of the delivery, and every column stands in the table, in order."""
    destination = write_acme(**SHAPES["semicolons"])
    text = write_markdown(destination.client, write_guide(destination, NOW))
    night = nightly_delivery(destination, "courseCompletion", destination.day(DAY.replace(day=10)))
    assert f"| the file of a day | {night.file_name} |" in text
    assert f"| its first supplement | {supplement_of(night, 1).file_name} |" in text
    assert re.findall(r"^\| (id|learner|title) \|", text, re.MULTILINE) == ["id", "learner", "title"]
    for said in (
        "Every day at 02:00 in America/New_York", "UTF-8 with a byte order mark", "stands a semicolon",
        "a carriage return and a line feed", "Every value but a missing one stands in double quotes",
        "called as the file with .manifest.json behind it", "after 20, 40, 80, 160, 320",
        "Send us your server's host key",
    ):  # fmt: skip
        assert said in text


@pytest.mark.parametrize(
    "empty_day, said",
    [("send", "has a file without events"), ("skip", "A day without events has no file"), ("fail", None)],
)
def test_the_guide_says_what_comes_of_a_day_without_events(events_db, write_acme, empty_day, said):
    """A client that waits for each day's file would else wait for ever."""
    destination = write_acme(empty_day=empty_day)
    text = write_markdown(destination.client, write_guide(destination, NOW))
    assert said in text if said else "day without events" not in text


@pytest.mark.parametrize(
    "fields, said",
    [
        ({}, "On days when clocks change"),
        ({}, "Add events whose id you do not know"),
        ({}, "a file is whole when it has its final name"),
        ({"upload_mode": "direct"}, "a part of it lies there"),
        ({"columns": ["title"]}, "Nothing in the file tells events apart"),
    ],
)
def test_the_guide_says_what_holds_for_this_client(write_acme, fields, said):
    """Its zone, its columns and its server decide what it may rely on."""
    destination = write_acme(**fields)
    assert said in write_markdown(destination.client, write_guide(destination, NOW))


@pytest.mark.parametrize(
    "fields, said",
    [
        ({"timezone": "Asia/Kolkata"}, "clocks change"),
        ({"columns": ["title"]}, "whose id you do not know"),
        ({"upload_mode": "direct"}, "is whole"),
    ],
)
def test_the_guide_says_nothing_that_does_not_hold(write_acme, fields, said):
    """Clocks that nobody changes, an id that is not there, a file that grows under its name."""
    destination = write_acme(**fields)
    assert said not in write_markdown(destination.client, write_guide(destination, NOW))


def test_the_page_needs_nothing_else_and_runs_nothing(write_acme):
    """A client's name is text, whatever it holds."""
    destination = write_acme(client="<script>alert(1)</script> & Söhne")
    page = write_html(destination.client, write_guide(destination, NOW))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not re.search(r"(src|href)=|https?://|@import", page)


def test_the_folder_holds_guide_schema_and_samples(events_db, write_acme, tmp_path, capsys):
    """The sample fits the schema's keys; the empty day is a file."""
    write_acme(columns=["id", {"userDetail.id": "learner.id"}, {"name": "source", "constant": "LMS"}])
    folder = tmp_path / "for acme"
    assert main(["acme", "--folder", str(folder)]) == 0
    assert "Written into" in capsys.readouterr().out
    schema = json.loads((folder / "courseCompletion.schema.json").read_text())
    assert schema["required"] == ["id", "learner", "source"]
    assert schema["properties"]["learner"]["properties"]["id"]["type"] == ["string", "null"]
    [sample] = folder.glob("courseCompletion-test-*.json")
    assert list(json.loads(sample.read_text())[0]) == schema["required"]
    [empty] = folder.glob("courseCompletion-[0-9]*.json")
    assert empty.read_text() == "[]\n"
    assert main(["acme", "--folder", str(folder)]) == 1
    assert "name a folder that is not there" in capsys.readouterr().err


def test_a_table_has_a_dictionary(events_db, write_acme, tmp_path):
    """Each column with its type."""
    write_acme(format="csv")
    assert main(["acme", "--folder", str(tmp_path / "out")]) == 0
    rows = list(csv.DictReader((tmp_path / "out" / "courseCompletion.columns.csv").read_text().splitlines()))
    assert rows[0]["column"] == "id"
    assert (rows[0]["may be missing"], rows[1]["may be missing"]) == ("no", "yes")
