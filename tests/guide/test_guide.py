"""Is a client's guide enough to load its files rightly, and does it say what the files are?"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

import pandas
import pytest

from event_delivery.completeness.supplement import extract_supplement
from event_delivery.delivery import delivery_of_test_file as delivery_of_a_test_file
from event_delivery.delivery import nightly_delivery, supplement_of
from event_delivery.extract import extract_events, stage_sample_event
from event_delivery.formats import format_staged_events
from event_delivery.guide.__main__ import main
from event_delivery.guide.columns import describe_columns
from event_delivery.guide.html import write_html
from event_delivery.guide.markdown import write_markdown
from event_delivery.guide.packing_words import tell_companion
from event_delivery.guide.wording import write_guide
from event_delivery.ledger import open_ledger
from event_delivery.ledger.schema_versions import note_schema_version
from event_delivery.upload import UploadRun, deliver_file
from tests.guide.importer import Importer
from tests.sample_events import COMPANY, DAY, insert_event, noon

NOW = datetime(2026, 3, 11, 8, tzinfo=UTC)
EXCEL = {"delimiter": ";", "line_end": "crlf", "encoding": "utf-8-bom", "quote": "all"}
BARE = {"delimiter": "tab", "encoding": "utf-16le", "header": False}


class Case(NamedTuple):
    """A destination's fields, and the importer that an engineer wrote by its guide."""

    fields: dict[str, Any]
    importer: Callable[[], Importer]
    title: str = "title"


CASES = {
    "json": Case({}, Importer),
    "csv": Case({"format": "csv"}, Importer),
    "skipped": Case({"format": "ndjson", "empty_day": "skip"}, Importer),
    "excel": Case(
        {"format": "csv", "csv": EXCEL, "columns": [{"id": "key"}, "title"], "companion": "manifest"},
        partial(Importer, ";", "utf-8-sig", id_column="key", follower=".manifest.json"),
    ),
    "gzip": Case(
        {"format": "ndjson", "compression": "gzip", "companion": "checksum", "upload_mode": "direct"},
        partial(Importer, follower=".sha256"),
    ),
    "zip": Case(
        {
            "format": "csv", "csv": BARE, "compression": "zip", "columns": ["title", "id"],
            "file_name": "acme {event} {day:%Y%m%d}", "companion": "done",
        },
        partial(Importer, "\t", "utf-16", names=["title", "id"], follower=".done"),
    ),
    "parquet": Case(
        {
            "format": "parquet", "columns": [{"id": "key"}, "title", "timestamp"], "companion": "manifest",
            "upload_mode": "direct",
        },
        partial(Importer, id_column="key", follower=".manifest.json"),
    ),
    "split": Case(
        {"format": "csv", "companion": "manifest", "split": {"rows": 2}, "compression": "gzip"},
        partial(Importer, follower=".manifest.json", split=True),
    ),
    "split, directly": Case(
        {
            "companion": "manifest", "split": {"bytes": 16_384}, "upload_mode": "direct",
            "file_name": "{event}_{day}_{part}",
        },
        partial(Importer, follower=".manifest.json", split=True),
    ),
    "no id": Case({"columns": ["title"], "file_name": "{day}"}, partial(Importer, id_column=None)),
    "degreed": Case(
        {"preset": "degreed_completions"}, partial(Importer, id_column=None), "CourseID"
    ),
}  # fmt: skip


@pytest.fixture
def deliver(log):
    """Return a function that makes and sends a delivery."""

    def deliver(delivery, run):
        if delivery.kind == "test":
            stage_sample_event(delivery)
        else:
            extract_supplement(delivery) if delivery.supplement else extract_events(delivery)
        format_staged_events(delivery)
        deliver_file(delivery, UploadRun("dag", run), log)

    return deliver


def night(destination, day=DAY):
    return nightly_delivery(destination, "courseCompletion", destination.day(day))


def tell(destination, now=NOW):
    return write_markdown(destination.client, write_guide(destination, now))


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_an_importer_made_of_the_guide_loads_everything_rightly(events_db, write_acme, folder, deliver, case):
    """A test file, nights, an empty day, a late event's supplement, a redelivery that takes both their places."""
    destination, importer, wanted = write_acme(**case.fields), case.importer(), {}

    def insert(number, day=DAY, title="twice"):
        course = f"7670fdbe-15ed-504b-a680-{number:012d}"
        key = insert_event(events_db, noon(day, number), title=title, notifiable_id=course)
        wanted[key] = course if case.title == "CourseID" else title

    def load_after(delivery, run):
        deliver(delivery, run)
        importer.load(folder)
        assert sorted(event[case.title] for event in importer.events) == sorted(wanted.values()), run

    for number, title in enumerate(["twice", "twice", 'line\n2;,\t"quoted"']):
        insert(number, title=title)
    first, next_day = night(destination), night(destination, DAY.replace(day=10))
    deliver(delivery_of_a_test_file(destination, "courseCompletion", NOW), "test")
    load_after(first, "night")
    load_after(night(destination, DAY.replace(day=8)), "empty night")
    insert(3, DAY.replace(day=10))
    load_after(next_day, "next night")
    insert(4, title="late")
    load_after(supplement_of(first, 1), "late")
    insert(5, title="later")
    load_after(supplement_of(first, 2), "later")
    gone = min(wanted)
    del wanted[gone]
    events_db.execute("delete from events where id = %s", [gone])
    for delivery, run in ((first, "again"), (next_day, "next again")):
        deliver(delivery, run)
    importer.load(folder)
    assert sorted(event[case.title] for event in importer.events) == sorted(wanted.values())


def test_the_guide_names_the_files_that_come(write_acme):
    """The example's name is that of the delivery, and every column stands in the table, in order."""
    destination = write_acme(**CASES["excel"].fields)
    text, example = tell(destination), night(destination, DAY.replace(day=10))
    assert f"| the file of a day | {example.file_name} |" in text
    assert f"| its first supplement | {supplement_of(example, 1).file_name} |" in text
    parts = re.findall(r"^\| (\S+) \| .*(?:number|instant|kind of|seven|due|written and)", text, re.MULTILINE)
    assert "{}-{}_{}-{}{}".format(*parts) == example.file_name
    assert re.findall(r"^\| (id|key|title) \|", text, re.MULTILINE) == ["key", "title"]
    for said in (
        "Every day at 02:00 in America/New_York", "UTF-8 with a byte order mark", "stands a semicolon",
        "a carriage return and a line feed", "Every value but a missing one stands in double quotes",
        f"here {example.file_name}.manifest.json", "after 20, 40, 80, 160, 320",
        "Events are told apart by key", "Send us your server's host key", "the line of names alone",
        f"it is called .{example.file_name}.1.part",
    ):  # fmt: skip
        assert said in text


@pytest.mark.parametrize(
    "fields, said, unsaid",
    [
        ({"timezone": "Asia/Kolkata"}, [], ["clocks change", "there is no 02:00"]),
        (
            {"timezone": "Europe/Berlin"},
            ["2026-03-29 has 23 hours, 2026-10-25 has 25 hours", "On 2026-03-29 there is no 02:00: the file comes "
             "at 03:00", "On 2026-10-25 it is 02:00 twice: the file comes at the first"],
            [],
        ),
        ({"timezone": "Australia/Lord_Howe"}, ["has 24.5 hours", "has 23.5 hours"], []),
        ({"timezone": "America/New_York"}, ["2026-11-01 has 25 hours"], ["it is 02:00 twice"]),
        ({"deliver_within": "30m"}, ["(hours, minutes, seconds) after 02:00"], []),
        ({"late_events": "report"}, ["ask us for that by the file's name"], ["supplement-1"]),
        ({"late_events": "redeliver"}, ["the whole day is sent again"], ["supplement-1"]),
        ({"empty_day": "fail"}, ["Your days are never empty"], ["has a file all the same"]),
        ({"empty_day": "skip"}, ["A day without events has no file", "no sign"], ["has a file all the same"]),
        ({"format": "ndjson"}, ["a file without a line"], []),
        (
            {"only": {"title": ["Orientation", None], "type": "x"}},
            ["courseCompletion: title is one of Orientation, no value, and type is x."],
            [],
        ),
        ({"columns": ["title"]}, ["tell no event apart"], ["Events are told apart by"]),
        (
            {"upload_mode": "direct", "format": "csv"},
            ["directly under its final name", "a part of it looks like a whole one"],
            ["is whole when it has its final name", "What has its final name is whole"],
        ),
        ({"upload_mode": "direct"}, ["it is whole when it ends with ]"], ["has its final name is whole"]),
        ({"upload_mode": "direct", "companion": "done"}, ["Take it when what follows it is there"], []),
        (
            {"encryption": {"recipients": "openpgp_acme", "sign_with": "openpgp_us"}},
            ["encrypted with OpenPGP", "signed with ours", "your next OpenPGP key"],
            ["openpgp_acme", "openpgp_us"],
        ),
        ({"file_name": "{event} {day:%Y%m%d}.txt"}, ["The date in the name is the day of the events", ".txt"], []),
        (
            {"split": {"rows": 500_000}, "companion": "manifest", "file_name": "{event}_{day}_{part}"},
            [
                "parts of at most 500,000 events each, numbered", "courseCompletion_2026-03-10_0001.json |",
                "| 0001 | the number of the part |", "a day is whole when its manifest is there",
                "has one part all the same", "A manifest whose name you know",
            ],
            ["Take only that", "the name of its file"],
        ),
        ({"contact": "it@acme.example", "robot": True}, ["it@acme.example", "takes files as they appear"], []),
    ],
)  # fmt: skip
def test_the_guide_says_what_the_destinations_fields_mean(write_acme, fields, said, unsaid):
    """And nothing that is not so for this client, and no name of ours."""
    text = tell(write_acme(**fields))
    assert [each for each in said if each not in text] == []
    assert [each for each in unsaid if each in text] == []


def test_the_guide_of_parquet_names_its_types(events_db, write_acme, tmp_path):
    """As a reader finds them; the dictionary beside it has them, too, and the sample of a day."""
    columns = ["id", "timestamp", {"name": "x", "constant": "y"}]
    text = tell(write_acme(format="parquet", columns=columns, upload_mode="direct"))
    for said in (
        "| timestamp | timestamp in UTC | always |", "| x | string | always | y |", "Apache Parquet, with",
        "a file with all columns and no row", "what is not whole cannot be opened", "by Snappy",
    ):  # fmt: skip
        assert said in text
    assert [each for each in ("means an object", "not compressed", "JSON") if each in text] == []
    assert main(["acme", "--folder", str(tmp_path / "out")]) == 0
    rows = list(csv.DictReader((tmp_path / "out" / "courseCompletion.columns.csv").read_text().splitlines()))
    assert [row["type"] for row in rows] == ["string", "timestamp in UTC", "string"]
    samples = sorted((tmp_path / "out" / "samples").glob("*.parquet"))
    assert [len(pandas.read_parquet(file)) for file in samples] == [0, 1, 1]


@pytest.mark.parametrize("split", [{}, {"split": {"rows": 1}}])
def test_the_guides_manifest_has_the_keys_of_a_real_one(events_db, write_acme, folder, deliver, split):
    """In their order."""
    destination = write_acme(companion="manifest", **split)
    deliver(night(destination), "night")
    [path] = folder.glob("*.manifest.json")
    assert [row[0] for row in tell_companion(night(destination)).rows] == list(json.loads(path.read_text()))


def test_the_guide_tells_since_when_the_columns_are_what_they_are(events_db, write_acme, capsys):
    """Each version with what is new in it; without a ledger there are none, and a guide all the same."""
    destination = write_acme()
    assert main(["acme"]) == 0
    assert "Versions of the columns" not in capsys.readouterr().out
    with open_ledger() as ledger:
        for columns, types in (
            (["id", "score"], ["UUID", "integer"]), (["id", "score", "title"], ["UUID", "number", "text"]),
            (["title", "id", "score"], ["text", "UUID", "number"]), (["id"], ["UUID"]),
        ):  # fmt: skip
            note_schema_version(ledger, night(destination), columns, types)
    assert main(["acme"]) == 0
    found = re.findall(r"^\| (\d) \| \d{4}-\d\d-\d\d \| (.*) \|$", capsys.readouterr().out, re.MULTILINE)
    assert found == [
        ("1", "id, score"), ("2", "new: title; score: integer, then number"),
        ("3", "in another order: title, id, score"), ("4", "gone: title, score"),
    ]  # fmt: skip


def test_the_page_needs_nothing_else_and_runs_nothing(write_acme, tmp_path, capsys):
    """A client's name is text, whatever it holds; a file that is there stays."""
    destination = write_acme(client="<script>alert(1)</script> & Söhne")
    page = write_html(destination.client, write_guide(destination, NOW))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not re.search(r"(src|href)=|https?://|@import", page)
    assert "<script" not in tell(write_acme(columns=[{"name": "x", "constant": "<script>"}])).replace("\\<", "")
    file = tmp_path / "guide.html"
    assert main(["acme", "--html", str(file)]) == 0
    assert file.read_text().startswith("<!doctype html>")
    assert main(["acme", "--html", str(file)]) == 1
    assert "cannot be made (File exists)" in capsys.readouterr().err


def test_types_are_the_sources_and_examples_are_written_as_in_the_file(events_db, include, write_acme):
    """Numbers, booleans in the dialect's words, instants on the client's clock; without a source, the sample's."""
    (include / "sql" / "score.sql").write_text(
        'select id, "timestamp", 1.5::numeric as score, true as passed, user_detail as detail '
        "from events where company_id = %(company_id)s "
        'and "timestamp" >= %(interval_start)s and "timestamp" < %(interval_end)s'
    )
    sample = {
        "id": COMPANY,
        "timestamp": "2026-03-09T17:00:00.103Z",
        "score": 1.5,
        "passed": True,
        "detail": {"a": 1},
    }
    (include / "samples" / "score.json").write_text(json.dumps(sample))
    local = {
        "name": "at",
        "column": "timestamp",
        "time_format": "%d.%m.%y %H:%M:%S.%3f %z",
        "timezone": "Asia/Tokyo",
    }
    destination = write_acme(
        events=["score"],
        format="csv",
        csv={"true_word": "J", "false_word": "N"},
        columns=["id", "score", "passed", "detail", local],
    )
    described = describe_columns(nightly_delivery(destination, "score", destination.day(DAY)))
    assert [(each.name, each.type, each.example) for each in described] == [
        ("id", "UUID", COMPANY), ("score", "number", "1.5"), ("passed", "boolean", "J"),
        ("detail", "JSON", '{"a": 1}'), ("at", "text", "10.03.26 02:00:00.103 +09:00"),
    ]  # fmt: skip


def test_without_a_source_the_sample_tells_the_types(events_db, write_acme, monkeypatch):
    """A guide can be written before there is one."""
    destination = write_acme()
    monkeypatch.delenv("AIRFLOW_CONN_EVENTS_DB")
    described = describe_columns(night(destination))
    assert [(each.name, each.type) for each in described[:3]] == [
        ("id", "text"), ("source", "text"), ("timestamp", "instant"),
    ]  # fmt: skip


def test_the_folder_holds_guide_schema_and_samples(events_db, write_acme, tmp_path, capsys):
    """The sample fits the schema's keys; the empty day is a file; what follows a file lies beside it."""
    columns = ["id", {"userDetail.id": "learner.id"}, {"name": "source", "constant": "LMS"}]
    write_acme(columns=columns, companion="checksum")
    out = tmp_path / "for acme"
    assert main(["acme", "--folder", str(out)]) == 0
    assert "Written into" in capsys.readouterr().out
    schema = json.loads((out / "courseCompletion.schema.json").read_text())
    assert schema["required"] == ["id", "learner", "source"]
    assert schema["properties"]["learner"]["properties"]["id"]["type"] == ["string", "null"]
    assert schema["properties"]["source"]["const"] == "LMS"
    samples = out / "samples"
    [day, empty, test] = sorted(
        samples.glob("*.json"), key=lambda each: ("-test-" in each.name, each.stat().st_size < 5)
    )
    for file in (day, test):
        assert list(json.loads(file.read_text())[0]) == schema["required"]
    assert empty.read_text() == "[]\n"
    assert len(list(samples.glob("*.sha256"))) == 3
    assert main(["acme", "--folder", str(out)]) == 1
    assert "name one that is not there" in capsys.readouterr().err


def test_a_folder_that_cannot_be_filled_is_none(write_acme, tmp_path, monkeypatch, capsys):
    """The next try needs no other name."""
    write_acme(format="ndjson")
    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", "postgresql://nobody:x@127.0.0.1:1/none")
    assert main(["acme", "--folder", str(tmp_path / "out")]) == 1
    assert not (tmp_path / "out").exists()


def test_a_table_has_a_dictionary(events_db, write_acme, tmp_path):
    """Each column with its type."""
    write_acme(format="csv")
    assert main(["acme", "--folder", str(tmp_path / "out")]) == 0
    rows = list(csv.DictReader((tmp_path / "out" / "courseCompletion.columns.csv").read_text().splitlines()))
    assert [(row["column"], row["type"], row["may be missing"]) for row in rows[:3]] == [
        ("id", "UUID", "no"), ("source", "text", "yes"), ("timestamp", "instant", "no"),
    ]  # fmt: skip
