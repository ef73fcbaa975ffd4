"""Does every file that leaves read back, value by value, in a strict JSON parser and in Python's csv module?"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from psycopg import sql

from event_delivery.errors import PermanentError
from event_delivery.extract.column_names import find_clashes
from event_delivery.extract.sample import stage_sample_event
from event_delivery.formats.delivery_file import format_events
from tests.extract.statements import ID, render_night, write_event_type, write_sample

pytestmark = pytest.mark.usefixtures("staging_area")
STRANGE = ".ab\"'%\\{}()s\n\t\x01\x7f\u2028 é🎓,:$;-"
NAMES = st.text(
    st.sampled_from(STRANGE) | st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1
).filter(lambda name: len(name.encode()) <= 63 and name not in ("id", "timestamp"))
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"))
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**60), max_value=10**60, places=9)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
NO_NUMBERS = ["NaN", "Infinity", "-Infinity"]
INSTANTS = st.datetimes(timezones=st.just(UTC)).map(lambda instant: instant.replace(microsecond=0))


def strict(text: str) -> list[dict[str, Any]]:
    """Parse JSON as the strictest client does."""

    def refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len(dict(pairs)) == len(pairs), pairs
        return dict(pairs)

    def refuse_constant(name: str) -> None:
        raise AssertionError(name)

    return json.loads(
        text, parse_constant=refuse_constant, object_pairs_hook=refuse_duplicates, parse_float=Decimal
    )


def write_instant(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S.000Z").rjust(24, "0")


def typed(type_: str, values: st.SearchStrategy, as_json=lambda value: value, as_text=str) -> st.SearchStrategy:
    """Values of a PostgreSQL type, as (type, its text, what JSON holds, what CSV holds)."""
    return values.map(lambda value: (type_, as_text(value), as_json(value), as_text(value)))


VALUES = st.one_of(
    typed("int2", st.integers(-(2**15), 2**15 - 1)),
    typed("int8", st.integers(-(2**63), 2**63 - 1)),
    typed("numeric", NUMBERS, as_text=lambda value: f"{value:f}"),
    *(typed(type_, st.sampled_from(NO_NUMBERS)) for type_ in ("numeric", "float4", "float8")),
    typed("boolean", st.booleans(), as_text=lambda value: str(value).lower()),
    typed("text", TEXT),
    typed("varchar", TEXT),
    typed("a_domain", TEXT),
    typed("jsonb", JSON.filter(lambda value: value is not None), as_text=lambda value: json.dumps(value)),
    typed("json", JSON.filter(lambda value: value is not None), as_text=lambda value: json.dumps(value)),
    typed("timestamptz", INSTANTS, as_json=write_instant, as_text=write_instant),
    typed("timestamptz", st.sampled_from(["infinity", "-infinity"])),
    typed("date", st.dates(), as_json=date.isoformat, as_text=date.isoformat),
    typed("uuid", st.uuids(), as_json=str),
    typed("int4[]", st.just("{1,NULL}")),
    typed("text[]", st.just('{"a \\"b\\"",",",""}')),
    typed("int4range", st.sampled_from(["[1,5)", "empty"])),
    typed("a_mood", st.sampled_from(["so\"'%s so", "ok"])),
    typed("a_pair", st.just('(1,"a ""b""")')),
    typed(
        "bytea", st.binary(), as_json=lambda value: "\\x" + value.hex(), as_text=lambda value: "\\x" + value.hex()
    ),
    *(st.just((type_, None, None, "")) for type_ in ("numeric", "text", "jsonb", "timestamptz", "a_pair")),
)
COLUMNS = st.lists(st.tuples(NAMES, VALUES), min_size=1, max_size=6)


def is_ambiguous(paths: list[list[str]]) -> bool:
    """Would one of the objects have a key twice, or a key be a value and an object?"""
    groups = [(key, [path[1:] for path in group]) for key, group in groupby(paths, key=lambda path: path[0])]
    keys = [key for key, _ in groups]
    inside = [tails for _, tails in groups if tails != [[]]]
    return "" in keys or len(set(keys)) < len(keys) or any([] in tails or is_ambiguous(tails) for tails in inside)


@pytest.fixture
def types(events_db):
    """A domain, an enum and a composite type."""
    events_db.execute("create domain a_domain as text")
    events_db.execute("create type a_mood as enum ('ok', 'so\"''%s so')")
    events_db.execute("create type a_pair as (number int, name text)")
    return events_db


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text("ab.", max_size=5), min_size=1, max_size=6))
def test_names_are_refused_exactly_when_json_would_be_ambiguous(names):
    """Neither more nor less: a second opinion, by the shape of the objects."""
    assert bool(list(find_clashes(names))) == is_ambiguous([name.split(".") for name in names])


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(COLUMNS)
def test_whatever_a_statement_returns_reads_back_in_both_formats(types, delivery, include, columns):
    """Any names, any types and values: the file reads back as it was, or the statement is refused."""
    expressions = [
        sql.SQL("{}::{} as {}").format(sql.Literal(text), sql.SQL(type_), sql.Identifier(name)).as_string(types)
        for name, (type_, text, _, _) in columns
    ]
    write_event_type(include, ", ".join(expressions).replace("%", "%%"))
    names = ["id", "timestamp", *(name for name, _ in columns)]
    if is_ambiguous([name.split(".") for name in names]):
        event("refused")
        with pytest.raises(PermanentError, match="include/sql/course_completion.sql: "):
            render_night(delivery)
        return
    [found] = strict(render_night(delivery))
    values = [(name, in_json) for name, (_, _, in_json, _) in columns]
    assert list(flatten(found, names)) == [("id", ID), ("timestamp", "2026-03-09T17:00:00.000Z"), *values]
    as_csv = replace(delivery, destination=delivery.destination.model_copy(update={"format": "csv"}))
    header, row = csv.reader(io.StringIO(render_night(as_csv), newline=""), strict=True)
    assert header == names
    for (_, (type_, _, in_json, in_csv)), field in zip(columns, row[2:], strict=True):
        assert field == in_csv or (type_ in ("json", "jsonb") and strict(field) == in_json)


def flatten(found: dict[str, Any], names: list[str], prefix: str = ""):
    """Take apart the objects that the names make, and no others."""
    for key, value in found.items():
        if prefix + key in names:
            yield prefix + key, value
        else:
            yield from flatten(value, names, f"{prefix}{key}.")


@pytest.mark.parametrize(
    "expression, in_json, in_csv",
    [
        ("'NaN'::numeric", '"NaN"', "NaN"),
        ("'Infinity'::numeric", '"Infinity"', "Infinity"),
        ("'-Infinity'::numeric", '"-Infinity"', "-Infinity"),
        ("'NaN'::float4", '"NaN"', "NaN"),
        ("'infinity'::float8", '"Infinity"', "Infinity"),
        ("1.50::numeric", "1.50", "1.50"),
        ("1e300::float8", "1e+300", "1e+300"),
        ("0.1::float8 + 0.2", "0.30000000000000004", "0.30000000000000004"),
        ("1e40::numeric", "1" + "0" * 40, "1" + "0" * 40),
        ("timestamptz 'infinity'", '"infinity"', "infinity"),
        ("timestamptz '-infinity'", '"-infinity"', "-infinity"),
        ("timestamptz '0044-03-15 12:00Z BC'", '"0044-03-15T12:00:00+00:00 BC"', "0044-03-15T12:00:00+00:00 BC"),
        ("timestamptz '12026-01-01 00:00Z'", '"12026-01-01T00:00:00+00:00"', "12026-01-01T00:00:00+00:00"),
        ("timestamptz '0001-01-01 00:00Z'", '"0001-01-01T00:00:00.000Z"', "0001-01-01T00:00:00.000Z"),
        ("timestamptz '9999-12-31 23:59:59.999Z'", '"9999-12-31T23:59:59.999Z"', "9999-12-31T23:59:59.999Z"),
        ("timestamp 'infinity'", '"infinity"', "infinity"),
        ("date '-infinity'", '"-infinity"', "-infinity"),
        ("interval '1 day 2:03'", '"1 day 02:03:00"', "1 day 02:03:00"),
        ('\'{"a":1,  "a":2}\'::json', '{"a": 2}', '"{""a"": 2}"'),
        ("'[\"\\u0001\", 1.50,\n1e3]'::json", '["\\u0001", 1.50, 1000]', '"[""\\u0001"", 1.50, 1000]"'),
        ("'null'::jsonb", "null", "null"),
        ("'\"NaN\"'::jsonb", '"NaN"', '"""NaN"""'),
        ("row(1, 'a')", '"(1,a)"', '"(1,a)"'),
        ("array['NaN'::float8]", '"{NaN}"', "{NaN}"),
        ("int4range(1, 5)", '"[1,5)"', '"[1,5)"'),
        ("12.5::money", '"$12.50"', "$12.50"),
        ("B'101'", '"101"', "101"),
        ("'10.0.0.1'::inet", '"10.0.0.1/32"', "10.0.0.1/32"),
    ],
)
def test_each_type_is_written_as_documented(types, delivery, include, expression, in_json, in_csv):
    """What is no JSON stands in quotes, as PostgreSQL's own to_json has it; the test file has the same."""
    write_event_type(include, f"{expression} as value")
    text = render_night(delivery)
    strict(text)
    assert text.endswith(f'"value": {in_json}}}\n]\n')
    as_csv = replace(delivery, destination=delivery.destination.model_copy(update={"format": "csv"}))
    assert render_night(as_csv).split(",", 4)[-1] == f"{in_csv}\n"
    required = f'"id": "{ID}", "timestamp": "2026-03-09T17:00:00.000Z"'
    write_sample(include, f'{{{required}, "value": {in_json}}}')
    test = replace(delivery, kind="test")
    assert Path(format_events(test, stage_sample_event(test)).path).read_text() == text


@pytest.mark.parametrize("text", ['"\\u0000"', '"\\ud800"', "1e999999"])
def test_json_that_means_no_text_is_refused_with_its_column(types, delivery, include, text):
    """The type json lets in what no reader could hold."""
    write_event_type(include, f"'{text}'::json as payload")
    with pytest.raises(PermanentError, match='an event cannot be written: .*columns of type json: "payload"'):
        render_night(delivery)
