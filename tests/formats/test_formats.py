"""Does the client get exactly the documented bytes?"""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from event_delivery.delivery import Delivery, nightly_delivery
from event_delivery.delivery import delivery_of_test_file as delivery_of_test_file
from event_delivery.destinations.destination import Destination
from event_delivery.errors import PermanentError
from event_delivery.extract.events import extract_events
from event_delivery.extract.sample import stage_sample_event
from event_delivery.formats.delivery_file import format_events, format_staged_events
from event_delivery.staging import StagedGoneError, stage_file, write_manifest
from tests.formats.parsed_csv import parse_csv
from tests.sample_events import COMPANY, DAY, insert_event, noon

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
GOLDEN = Path(__file__).parent / "golden"
AWKWARD = [
    {"title": 'Quotes "inside", and a comma'},
    {"title": "two\nlines\r\nand three"},
    {"title": "emoji 🎓, naïve, 日本語, العربية, עברית"},
    {"title": "", "user_detail": {"ref1": "", "ref2": "007", "ref3": "  spaces  "}},
    {"title": None, "user": None, "notifiable_id": None, "source": None, "type": None},
    {"title": "tab\tand back\\slash / slash", "user_detail": {"firstName": "=1+1", "lastName": "null"}},
    {"title": "\\.", "user_detail": {"firstName": None, "lastName": None, "ref1": '""'}},
    {"title": "100% of {braces} %s \u2028 line separator \x7f \x01"},
    {"title": '"', "user_detail": {"ref3": '",""'}},
]


def deliveries(tmp_id: str = "acme") -> dict[str, Delivery]:
    made = {}
    for format_name in ("csv", "json"):
        destination = Destination(id=tmp_id, client="Acme", company_id=COMPANY, format=format_name, transfer_id=42)
        made[format_name] = nightly_delivery(destination, "courseCompletion", destination.day(DAY))
    return made


def render(delivery: Delivery) -> bytes:
    extract_events(delivery)
    return Path(format_staged_events(delivery).path).read_bytes()


@pytest.fixture
def awkward_day(events_db, staging_area):
    """A day of events that break careless formats, two of them at the same instant."""
    for number, changes in enumerate(AWKWARD):
        identifier = f"00000000-0000-4000-8000-{number:012d}"
        insert_event(events_db, noon(DAY, number // 2), id=identifier, **dict(changes))


@pytest.mark.parametrize("format_name", ["csv", "json"])
def test_the_bytes_of_an_awkward_day_are_the_golden_ones(awkward_day, format_name):
    """What a client receives never changes by accident."""
    assert render(deliveries()[format_name]) == (GOLDEN / f"awkward.{format_name}").read_bytes()


@pytest.mark.parametrize("format_name", ["csv", "json"])
def test_the_bytes_of_the_documented_sample_are_the_golden_ones(staging_area, format_name):
    """The test file holds the sample event of the client guide."""
    destination = Destination(id="acme", client="Acme", company_id=COMPANY, format=format_name)
    delivery = delivery_of_test_file(destination, "courseCompletion", datetime(2026, 3, 9, tzinfo=UTC))
    formatted = format_events(delivery, stage_sample_event(delivery))
    assert Path(formatted.path).read_bytes() == (GOLDEN / f"sample.{format_name}").read_bytes()


def test_csv_and_json_hold_the_same_events(awkward_day):
    """Both formats of a day parse to the same events, nulls and empty texts told apart."""
    made = deliveries()
    events = json.loads(render(made["json"]))
    assert parse_csv(render(made["csv"])) == events
    assert [event["title"] for event in events] == [changes["title"] for changes in AWKWARD]


def test_python_s_csv_module_reads_every_value(awkward_day):
    """A standard RFC 4180 reader gets each value byte for byte."""
    text = render(deliveries()["csv"]).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["title"] for row in rows] == [changes["title"] or "" for changes in AWKWARD]
    assert all(row["userDetail.externalCustomerId"] == "000111222333" for row in rows)


def test_each_json_line_is_one_event(awkward_day):
    """`[`, one event a line as json.dumps writes it, `]`."""
    lines = render(deliveries()["json"]).decode().split("\n")
    assert (lines[0], lines[-2], lines[-1]) == ("[", "]", "")
    for line in lines[1:-2]:
        event = json.loads(line.removesuffix(","))
        assert json.dumps(event, ensure_ascii=False) == line.removesuffix(",")


@pytest.mark.parametrize("format_name, bytes_", [("json", b"[]\n"), ("csv", None)])
def test_an_empty_day_has_a_file_too(events_db, staging_area, format_name, bytes_):
    """No events: an empty array, or the header alone."""
    header = (GOLDEN / "awkward.csv").read_bytes().split(b"\n")[0] + b"\n"
    assert render(deliveries()[format_name]) == (bytes_ or header)


def test_events_are_ordered_by_timestamp_then_id(events_db, staging_area):
    """Same instant: the smaller id first."""
    ids = [f"{number}0000000-0000-4000-8000-000000000000" for number in range(5)]
    for identifier, minute in zip(ids, (5, 3, 3, 3, 0), strict=True):
        insert_event(events_db, noon(DAY, minute), id=identifier)
    events = json.loads(render(deliveries()["json"]))
    assert [event["id"] for event in events] == [ids[4], *ids[1:4], ids[0]]


def test_the_same_data_gives_the_same_bytes(awkward_day):
    """Formatting twice, extracting twice: nothing in a file depends on the run."""
    made = deliveries()
    assert render(made["json"]) == render(made["json"])


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.none() | TEXT, min_size=1, max_size=8))
def test_any_text_reaches_the_client_in_both_formats(events_db, staging_area, titles):
    """Whatever was entered comes out of the JSON and the CSV unchanged, and JSON is as json.dumps writes it."""
    events_db.execute("truncate events")
    for minute, title in enumerate(titles):
        insert_event(events_db, noon(DAY, minute), title=title)
    made = deliveries()
    data = render(made["json"])
    events = json.loads(data)
    assert [event["title"] for event in events] == titles
    assert parse_csv(render(made["csv"])) == events
    assert data.decode() == "[\n" + ",\n".join(json.dumps(event, ensure_ascii=False) for event in events) + "\n]\n"


def test_numbers_booleans_and_json_stand_bare(events_db, staging_area, include):
    """Another event type may have columns that are no text."""
    (include / "sql/course_completion.sql").write_text(
        'select id, "timestamp", 1.50::numeric as "score.points", true as "score.passed", '
        "null::int as \"score.rank\", '[1, null]'::jsonb as tags from events where company_id = %(company_id)s; "
    )
    insert_event(events_db, noon(DAY), id="00000000-0000-4000-8000-000000000000")
    assert render(deliveries()["json"]).decode() == (
        '[\n{"id": "00000000-0000-4000-8000-000000000000", "timestamp": "2026-03-09T17:00:00.000Z", '
        '"score": {"points": 1.50, "passed": true, "rank": null}, "tags": [1, null]}\n]\n'
    )


def test_staged_events_that_changed_are_not_formatted(awkward_day):
    """The bytes must be the ones that were checked."""
    delivery = deliveries()["csv"]
    staged = extract_events(delivery)
    with Path(staged.path).open("ab") as file:
        file.write(b"x")
    with pytest.raises(PermanentError, match="is not what was staged"):
        format_staged_events(delivery)


def test_events_staged_for_another_format_are_not_sent_in_this_one(awkward_day):
    """A destination that changes its format between two tasks is extracted again, never mixed."""
    made = deliveries()
    extract_events(made["json"])
    with pytest.raises(StagedGoneError, match="is not there"):
        format_staged_events(made["csv"])


@pytest.mark.parametrize("format_name", ["csv", "json"])
def test_what_is_final_already_is_not_copied(awkward_day, events_db, format_name):
    """The delivery file is the staged one under a second name; staging the day again leaves it alone."""
    delivery = deliveries()[format_name]
    staged = extract_events(delivery)
    for _ in range(2):
        made = format_staged_events(delivery)
        assert Path(made.path).samefile(staged.path)
        assert (made.rows, made.sha256, made.id_digest) == (len(AWKWARD), staged.sha256, staged.id_digest)
    before = Path(made.path).read_bytes()
    assert hashlib.sha256(before).hexdigest() == made.sha256
    events_db.execute("delete from events where title is null")
    assert extract_events(delivery).sha256 != made.sha256
    assert Path(made.path).read_bytes() == before
    assert list(Path(made.path).parent.glob(".*")) == []


@pytest.mark.parametrize("changed", [False, True])
def test_where_no_file_has_two_names_it_is_copied_and_proven(awkward_day, monkeypatch, changed):
    """Some network volumes have no hard links."""
    monkeypatch.setattr(os, "link", refuse_link)
    delivery = deliveries()["csv"]
    staged = Path(extract_events(delivery).path)
    if changed:
        staged.write_bytes(staged.read_bytes().swapcase())
        with pytest.raises(StagedGoneError, match="is not what was staged: sha256"):
            format_staged_events(delivery)
    else:
        made = Path(format_staged_events(delivery).path)
        assert not made.samefile(staged)
        assert made.read_bytes() == staged.read_bytes()


def refuse_link(*_: object, **__: object) -> None:
    raise PermissionError(errno.EPERM, "Operation not permitted")


def test_what_an_earlier_release_staged_without_brackets_is_staged_again(awkward_day, staging_area):
    """Between an extract before an upgrade and a format after it."""
    delivery = deliveries()["json"]
    with stage_file(delivery, "events.json") as file:
        file.write(b'{"id": 1}\n')
    write_manifest(delivery, "events.json", file.manifest(1))
    with pytest.raises(StagedGoneError, match="is not there"):
        format_staged_events(delivery)
