"""Has a test file exactly the shape that the night's file will have?"""

from __future__ import annotations

import csv
import io
import json
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from event_delivery.delivery import Delivery
from event_delivery.errors import PermanentError
from event_delivery.extract.events import extract_events
from event_delivery.extract.sample import stage_sample_event
from event_delivery.formats.delivery_file import format_events
from event_delivery.staging import expire_staged, read_kept_columns
from tests.extract.statements import ID, render_night, write_event_type, write_sample, write_statement

COLUMNS = (
    '1.50::numeric(6,2) as points, 7::int as "rank.place", \'x\'::varchar(5) as "rank.name", true as passed, '
    "'{\"b\": 1.10}'::jsonb as extra, array[1, 2] as numbers, '(1,x)'::pair as both, row(1) as anything, "
    "'good'::\"mo%%od\" as mood, "
    "timestamp '2026-03-09 18:00' as wall, 'a'::char(3) as \"100%%\", 1::smallint as \"né\""
)
SAMPLE = {
    "né": 2,
    "100%": "ab",
    "wall": "2026-03-09T18:00:00",
    "mood": "bad",
    "anything": "(2)",
    "both": "(2,y)",
    "numbers": "{3}",
    "extra": {"b": 2.5},
    "passed": False,
    "rank": {"name": "y", "place": 8},
    "points": "2.5",
}
WRITTEN = {
    "id": ID,
    "timestamp": "2026-03-09T17:00:00.000Z",
    "points": 2.50,
    "rank": {"place": 8, "name": "y"},
    "passed": False,
    "extra": {"b": 2.5},
    "numbers": "{3}",
    "both": "(2,y)",
    "anything": "(2)",
    "mood": "bad",
    "wall": "2026-03-09 18:00:00",
    "100%": "ab",
    "né": 2,
}
UNREACHABLE = "postgresql://me:hunter2@127.0.0.1:1/db"


@pytest.fixture
def source(events_db, include, staging_area):
    """A source with another schema, with types of its own, and its statement and sample."""
    events_db.execute("create type pair as (a int, b text)")
    events_db.execute("create type \"mo%od\" as enum ('good', 'bad')")
    write_event_type(include, COLUMNS, SAMPLE)
    return events_db


def render_test_file(delivery: Delivery, format_name: str = "json") -> str:
    destination = delivery.destination.model_copy(update={"format": format_name})
    test = replace(delivery, destination=destination, kind="test")
    return Path(format_events(test, stage_sample_event(test)).path).read_text(encoding="utf-8")


def keys(value):
    return {key: keys(value[key]) for key in value} if isinstance(value, dict) else None


def test_a_test_file_has_the_columns_of_the_statement_in_their_order(source, delivery):
    """Whatever the order of the sample, keys and kinds of values are the night's."""
    [night], [test] = json.loads(render_night(delivery)), json.loads(render_test_file(delivery))
    assert json.dumps(keys(test)) == json.dumps(keys(night))
    assert [type(value) for value in test.values()] == [type(value) for value in night.values()]
    assert json.dumps(test) == json.dumps(WRITTEN)


def test_postgresql_writes_a_test_file_as_it_writes_the_night(source, delivery, include):
    """Digits after the point, timestamps and spaces are not Python's."""
    file = include / "samples/course_completion.json"
    file.write_text(file.read_text().replace("2.5}", "2.50}"))
    assert '"points": 2.50, ' in render_test_file(delivery)
    header, row = csv.reader(io.StringIO(render_test_file(delivery, "csv"), newline=""))
    night = replace(delivery, destination=delivery.destination.model_copy(update={"format": "csv"}))
    assert header == render_night(night).split("\n")[0].split(",")
    assert row[2:7] == ["2.50", "8", "y", "false", '{"b": 2.50}']


@pytest.mark.parametrize("listed", [True, False])
def test_a_flat_sample_is_a_nested_one(source, delivery, include, listed):
    """`"rank.place": 8` and `"rank": {"place": 8}` are the same column, in a list or not."""
    before = render_test_file(delivery)
    flat = {"id": ID, "timestamp": "2026-03-09T17:00:00Z"} | SAMPLE | {"rank.place": 8, "rank.name": "y"}
    del flat["rank"]
    write_sample(include, [flat] if listed else flat)
    assert render_test_file(delivery) == before


def test_no_row_is_read_for_a_test_file(events_db, delivery, include, staging_area):
    """A million events cost a test file nothing."""
    events_db.execute(
        "create function touch(text) returns int language plpgsql as $$ begin raise 'a row was read'; end $$"
    )
    write_event_type(include, "touch(event.company) as touched", {"touched": 1})
    assert json.loads(render_test_file(delivery))[0]["touched"] == 1
    with pytest.raises(PermanentError, match="a row was read"):
        extract_events(delivery)


@pytest.mark.parametrize(
    "change, problem",
    [
        ({"points": ...}, 'it lacks "points"'),
        ({"rank": {"place": 1}}, 'it lacks "rank.name"'),
        ({"colour": "red"}, 'it has "colour" too many'),
        ({"points": ..., "point": 1}, 'it lacks "points"; it has "point" too many'),
        ({"né": "many"}, "\"né\" is smallint, which does not take 'many'"),
        ({"né": 1.5}, '"né" is smallint, which does not take 1.5'),
        ({"id": "1"}, "\"id\" is uuid, which does not take '1'"),
        ({"passed": "perhaps"}, "\"passed\" is boolean, which does not take 'perhaps'"),
        ({"rank": {"place": 1, "name": "too long"}}, '"rank.name" is character varying(5), which does not take'),
        ({"mood": "odd"}, '"mood" is "mo%od", which does not take \'odd\''),
        ({"numbers": [1]}, '"numbers" is integer[], which does not take [1]'),
        ({"id": "1", "né": "x"}, "does not take '1'; \"né\" is smallint"),
    ],
)
def test_a_sample_that_does_not_fit_its_statement_says_how(source, delivery, include, change, problem):
    """Missing columns, surplus ones and values of another type are all named at once."""
    sample = {"id": ID, "timestamp": "2026-03-09T17:00:00Z"} | SAMPLE | change
    write_sample(include, {name: value for name, value in sample.items() if value is not ...})
    with pytest.raises(PermanentError) as refused:
        render_test_file(delivery)
    start = "include/samples/course_completion.json does not fit include/sql/course_completion.sql: "
    assert str(refused.value).startswith(start)
    assert problem in str(refused.value)


@pytest.mark.parametrize(
    "text, problem",
    [
        ("{", "cannot be read as JSON"),
        ('{"id": NaN}', "NaN is no JSON"),
        ('{"id": 1, "id": 2}', "key 'id' stands twice"),
        ('{"rank": {"place": 1}, "rank.place": 2}', '"rank.place" stands in it twice'),
        ("[]", "wanted one event"),
        ('[{"id": 1}, {"id": 2}]', "wanted one event"),
        ("1", "wanted one event"),
        ("\xff", "cannot be read as JSON"),
    ],
)
def test_a_sample_that_is_no_event_is_refused(source, delivery, include, text, problem):
    """Strict JSON, one object."""
    (include / "samples/course_completion.json").write_text(text, encoding="latin-1")
    with pytest.raises(PermanentError) as refused:
        render_test_file(delivery)
    assert problem in str(refused.value)


@pytest.mark.parametrize("format_name", ["csv", "json"])
def test_without_the_source_the_columns_are_those_last_checked(source, delivery, monkeypatch, caplog, format_name):
    """A server can be proven while the source is away; the log says what is unchecked, and no secret."""
    extract_events(delivery)
    checked = render_test_file(delivery, format_name)
    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", UNREACHABLE)
    unchecked = render_test_file(delivery, format_name)
    assert "unchecked" in caplog.text
    assert "hunter2" not in caplog.text
    if format_name == "csv":
        assert unchecked.split("\n")[0] == checked.split("\n")[0]
    else:
        [test] = json.loads(unchecked)
        assert json.dumps(keys(test)) == json.dumps(keys(WRITTEN))


def test_without_the_source_a_sample_must_still_fit(source, delivery, include, monkeypatch):
    """What was last checked is known."""
    render_test_file(delivery)
    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", UNREACHABLE)
    write_event_type(include, COLUMNS, SAMPLE | {"colour": "red"})
    with pytest.raises(PermanentError, match='it has "colour" too many'):
        render_test_file(delivery)


@pytest.mark.parametrize("uri", [UNREACHABLE, None])
def test_a_source_that_was_never_asked_leaves_the_sample_s_own_columns(
    include, staging_area, delivery, monkeypatch, caplog, uri
):
    """So a server can be proven before the source is there at all."""
    monkeypatch.delenv("AIRFLOW_CONN_EVENTS_DB", raising=False)
    if uri:
        monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", uri)
    write_sample(include, {"id": 1, "a": {"b": None, "c": True}, "d": "", "e": 'say "hi"', "f": [1.5, {"x": 1}]})
    [event] = json.loads(render_test_file(delivery))
    assert list(event) == ["id", "a", "d", "e", "f"]
    assert render_test_file(delivery, "csv") == ('id,a.b,a.c,d,e,f\n1,,true,"","say ""hi""","[1.5, {""x"": 1}]"\n')
    assert "of include/samples/course_completion.json" in caplog.text


def test_a_statement_that_the_source_refuses_stops_the_test_file(source, delivery, include):
    """The night would fail too."""
    write_statement(include, "select * from nowhere")
    with pytest.raises(PermanentError, match='relation "nowhere" does not exist'):
        render_test_file(delivery)


def test_the_columns_are_kept_privately_and_for_good(source, delivery, staging_area):
    """0600, no row in them, and no expiry."""
    render_test_file(delivery)
    kept = staging_area / ".columns/courseCompletion.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert {folder.stat().st_mode & 0o777 for folder in (staging_area, kept.parent)} == {0o700}
    assert [column.name for column in read_kept_columns("courseCompletion")][:3] == ["id", "timestamp", "points"]
    os.utime(kept, (0, 0))
    os.utime(kept.parent, (0, 0))
    expire_staged(now=time.time() + 10**7)
    assert kept.exists()
    kept.write_text("[{")
    assert read_kept_columns("courseCompletion") == []
    extract_events(delivery)
    assert read_kept_columns("courseCompletion")
