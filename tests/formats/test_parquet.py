"""Does a reader of Parquet get every event with its types, whatever the source holds?"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql

from event_delivery.delivery import Delivery
from event_delivery.delivery import delivery_of_test_file as delivery_of_a_test_file
from event_delivery.errors import PermanentError
from event_delivery.extract.sample import stage_sample_event
from event_delivery.formats import parquet
from event_delivery.formats.delivery_file import format_events
from event_delivery.formats.records import split_records
from tests import PROJECT
from tests.extract.statements import ID, write_event_type, write_sample, write_statement
from tests.extract.test_strict_readers import JSON, NAMES, is_ambiguous
from tests.formats.parquet_readers import describe_by_duckdb, read_by_duckdb, read_by_pandas
from tests.formats.test_dialects import NASTY, SLOWLY, TITLES, fill
from tests.formats.test_formats import awkward_day as awkward_day
from tests.formats.test_shapes import COLUMNS, make, read_plain, shape
from tests.sample_events import DAY, insert_event, noon

INSTANT = noon(DAY).replace(tzinfo=None)
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
MICROSECONDS = st.datetimes(timezones=st.just(UTC))


def typed(type_: str, kind: str, values: st.SearchStrategy, as_read=lambda value: value, as_text=str):
    """Values of a PostgreSQL type, as (type, DuckDB's type, its text, what a reader gets)."""
    return values.map(lambda value: (type_, kind, as_text(value), as_read(value)))


VALUES = st.one_of(
    typed("int2", "SMALLINT", st.integers(-(2**15), 2**15 - 1)),
    typed("int4", "INTEGER", st.integers(-(2**31), 2**31 - 1)),
    typed("int8", "BIGINT", st.integers(-(2**63), 2**63 - 1)),
    typed("numeric(12,2)", "DECIMAL(12,2)", st.decimals(-(10**9), 10**9, places=2)),
    typed("numeric(38,0)", "DECIMAL(38,0)", st.integers(-(10**38) + 1, 10**38 - 1), as_read=Decimal),
    typed("numeric(5)", "DECIMAL(5,0)", st.integers(-99999, 99999), as_read=Decimal),
    typed(
        "numeric",
        "VARCHAR",
        st.decimals(-(10**60), 10**60, places=9),
        as_read="{:f}".format,
        as_text="{:f}".format,
    ),
    typed("numeric(60,2)", "VARCHAR", st.just("123456789012345678901234567890123456789012345678.25")),
    typed("float8", "DOUBLE", st.floats(allow_nan=False), as_text=repr),
    typed("float4", "FLOAT", st.floats(allow_nan=False, width=32), as_text=repr),
    typed("boolean", "BOOLEAN", st.booleans()),
    typed("text", "VARCHAR", TEXT),
    typed("varchar", "VARCHAR", TEXT),
    typed("uuid", "VARCHAR", st.uuids(), as_read=str),
    typed("date", "DATE", st.dates(), as_text=date.isoformat),
    typed(
        "timestamptz",
        "TIMESTAMP WITH TIME ZONE",
        MICROSECONDS,
        as_read=lambda value: value.replace(tzinfo=None),
        as_text=datetime.isoformat,
    ),
    typed("timestamp", "TIMESTAMP", st.datetimes(), as_text=datetime.isoformat),
    typed("text[]", "VARCHAR", st.just('{"a \\"b\\"",",",""}')),
    typed("bytea", "VARCHAR", st.binary(), *[lambda value: "\\x" + value.hex()] * 2),
    *(
        st.just((type_, kind, None, None))
        for type_, kind in (
            ("int8", "BIGINT"),
            ("text", "VARCHAR"),
            ("date", "DATE"),
            ("numeric(4,1)", "DECIMAL(4,1)"),
        )
    ),
)
MANY = st.lists(st.tuples(NAMES, VALUES), min_size=1, max_size=6)


def write_columns(events_db: Any, include: Path, columns: list[tuple[str, str | None, str]]) -> None:
    """Let the event type return columns of these types, texts and names beside id and timestamp."""
    expressions = [
        sql.SQL("{}::{} as {}")
        .format(sql.Literal(text), sql.SQL(type_), sql.Identifier(name))
        .as_string(events_db)
        for type_, text, name in columns
    ]
    write_event_type(include, ", ".join(expressions).replace("%", "%%"))


def parquet_of(delivery: Delivery, **fields: Any) -> Delivery:
    told = {"format": "parquet"} | fields
    return replace(delivery, destination=delivery.destination.model_copy(update=told))


@SLOWLY
@given(MANY)
def test_every_type_is_read_as_its_own(events_db, staging_area, include, delivery, columns):
    """By DuckDB and by pandas: names, types and values, any of them missing."""
    names = [name for name, _ in columns]
    if is_ambiguous([name.split(".") for name in ["id", "timestamp", *names]]) or len(
        {name.lower() for name in names} - {"id", "timestamp"}
    ) < len(names):
        return
    write_columns(events_db, include, [(type_, text, name) for name, (type_, _, text, _) in columns])
    manifest, found = make(parquet_of(delivery))
    kinds = {name: kind for name, (_, kind, _, _) in columns}
    wanted = {"id": ID, "timestamp": INSTANT} | {name: value for name, (_, _, _, value) in columns}
    assert describe_by_duckdb(manifest.path) == {"id": "VARCHAR", "timestamp": "TIMESTAMP WITH TIME ZONE"} | kinds
    assert read_by_duckdb(manifest.path) == [wanted]
    [row] = read_by_pandas(found)
    plain = {
        name: value.to_pydatetime().replace(tzinfo=None) if isinstance(value, pandas.Timestamp) else value
        for name, value in row.items()
    }
    assert plain == wanted


@SLOWLY
@given(titles=TITLES)
def test_every_text_is_read_as_it_was_typed(events_db, staging_area, titles):
    """A missing one and an empty one are two things."""
    fill(events_db, titles)
    manifest, found = make(shape(format="parquet", columns=["title", "source"]))
    wanted = [{"title": title, "source": title} for title in titles]
    assert read_by_duckdb(manifest.path) == wanted
    assert read_by_pandas(found) == wanted


@SLOWLY
@given(values=st.lists(JSON, max_size=4))
def test_a_column_of_json_is_its_text(events_db, staging_area, include, delivery, values):
    """As a CSV file has it: each reader parses it."""
    columns = [("jsonb", json.dumps(value), f"value{number}") for number, value in enumerate(values)]
    write_columns(events_db, include, [*columns, ("json", None, "missing")])
    [row] = read_by_duckdb(make(parquet_of(delivery))[0].path)
    found = [row[f"value{number}"] for number in range(len(values))]
    assert [json.loads(text, parse_float=Decimal) for text in found] == values
    assert row["missing"] is None


def test_an_awkward_day_has_the_events_of_its_csv(awkward_day):
    """Same rows, same order, same names; null is null."""
    wanted = [
        {name: value for name, value in row.items() if name != "timestamp"}
        | {"timestamp": datetime.fromisoformat(row["timestamp"]).replace(tzinfo=None)}
        for row in read_plain()
    ]
    manifest, found = make(shape(format="parquet"))
    for rows in (read_by_duckdb(manifest.path), read_by_pandas(found)):
        told = [{name: "" if value is None else value for name, value in row.items()} for row in rows]
        assert [row | {"timestamp": row["timestamp"].replace(tzinfo=None)} for row in told] == wanted
    titles = [row["title"] for row in read_by_duckdb(manifest.path)]
    assert (titles.count(None), titles.count("")) == (1, 1)


def test_columns_are_chosen_named_and_written_as_asked(awkward_day):
    """New names, constants and instants on the client's clock, which are texts."""
    at = {"name": "at", "column": "timestamp", "time_format": "%d.%m.%Y %H:%M", "timezone": "Europe/Berlin"}
    manifest, _ = make(shape(format="parquet", columns=[*COLUMNS, at, "timestamp"]))
    rows = read_by_duckdb(manifest.path)
    assert list(rows[0]) == ["id", "Vorname", "title", "quelle", "at", "timestamp"]
    assert {row["quelle"] for row in rows} == {"100% LMS"}
    assert rows[0]["at"] == "09.03.2026 18:00"
    assert list(manifest.types) == [*["string"] * 5, "timestamp in UTC"]


def test_only_the_wanted_events_are_in_it(events_db, staging_area):
    """And the others are counted."""
    for number, course in enumerate(["a", "b", "a", "c"]):
        insert_event(events_db, noon(DAY, number), title=course)
    manifest, _ = make(shape(format="parquet", only={"title": ["a", "c"]}, columns=["title"]))
    assert [row["title"] for row in read_by_duckdb(manifest.path)] == ["a", "a", "c"]
    assert (manifest.rows, manifest.filtered) == (3, 1)


def test_an_empty_day_has_its_columns_and_no_row(events_db, staging_area):
    """A reader sees the types."""
    manifest, found = make(shape(format="parquet", columns=["id", "timestamp"]))
    assert describe_by_duckdb(manifest.path) == {"id": "VARCHAR", "timestamp": "TIMESTAMP WITH TIME ZONE"}
    assert read_by_duckdb(manifest.path) == read_by_pandas(found) == []


def test_a_test_file_has_the_nights_types(events_db, staging_area, include, delivery):
    """The sample is cast as the night's columns are."""
    write_columns(events_db, include, [("numeric(8,2)", "1", "score"), ("int4", "1", "number")])
    write_sample(include, {"id": ID, "timestamp": "2026-03-09T17:00:00.123Z", "score": "12.5", "number": 7})
    test = delivery_of_a_test_file(parquet_of(delivery).destination, "courseCompletion", noon(DAY))
    manifest = format_events(test, stage_sample_event(test))
    assert describe_by_duckdb(manifest.path)["score"] == "DECIMAL(8,2)"
    [row] = read_by_duckdb(manifest.path)
    assert row == {
        "id": ID, "timestamp": INSTANT.replace(microsecond=123_000), "score": Decimal("12.50"), "number": 7,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("type_", "text", "name"),
    [
        ("timestamptz", "infinity", "timestamp[us, tz=UTC]"),
        ("timestamptz", "0044-03-15 12:00 BC", "timestamp[us, tz=UTC]"),
        ("timestamp", "10000-01-01 00:00", "timestamp[us]"),
        ("date", "-infinity", "date32[day]"),
        ("numeric(8,2)", "NaN", "decimal128(8, 2)"),
    ],
)
def test_a_value_that_parquet_lacks_is_named(events_db, staging_area, include, delivery, type_, text, name):
    """An integration engineer finds the one event that hinders a day, by its id or its place."""
    source = "from (values (%(company_id)s)) as event (company)"
    rows = [f"select uuid '{ID}'", "select uuid '10000000-0000-4000-8000-000000000000'"]
    write_statement(
        include,
        f"select id, timestamptz '2026-03-09 17:00Z' as timestamp, "
        f"(case when id <> '{ID}' then '{text}' end)::{type_} as value from ({' union all '.join(rows)}) "
        f"as event (id) cross join (select 1 {source}) as company",
    )
    with pytest.raises(PermanentError) as refused:
        make(parquet_of(delivery))
    assert "acme: event 10000000-0000-4000-8000-000000000000, column 'value': found infinity" in str(refused.value)
    assert f"wanted a value of Parquet's {name}. Mend it in include/sql/course_completion.sql" in str(
        refused.value
    )
    with pytest.raises(PermanentError, match="acme: event 2 of the day, column 'was'"):
        make(shape(format="parquet", columns=[{"value": "was"}]))
    columns = ["id", {"name": "value", "column": "value", "timezone": "UTC"}]
    if type_ == "timestamptz":
        assert len(read_by_duckdb(make(shape(format="parquet", columns=columns))[0].path)) == 2


@given(
    titles=st.lists(NASTY, min_size=1, max_size=8),
    most=st.integers(1, 40),
    block_bytes=st.integers(1, 50),
)
def test_a_part_ends_where_a_record_does_wherever_blocks_end(titles, most, block_bytes):
    """A line feed in a value is no end; the parts are the same and together all bytes."""
    records = ["" if title is None else '"' + title.replace('"', '""') + '"' for title in titles]
    ends = {len("\n".join([*records[:number], ""]).encode()) for number in range(len(records) + 1)}
    whole = "\n".join([*records, ""]).encode()
    blocks = [whole[at : at + block_bytes] for at in range(0, len(whole), block_bytes)]
    parts = list(split_records(blocks, most))
    assert b"".join(parts) == whole
    assert {sum(map(len, parts[:number])) for number in range(len(parts) + 1)} <= ends
    assert parts == list(split_records([whole], most))


def test_row_groups_are_of_bounded_size(events_db, staging_area, monkeypatch):
    """However many there are, every event is in one of them, in order."""
    titles = [f'title {number}, "\n"' * (number % 5) for number in range(200)]
    fill(events_db, titles)
    monkeypatch.setattr(parquet, "ROW_GROUP_BYTES", 1_000)
    manifest, found = make(shape(format="parquet", columns=["title"]))
    assert pyarrow.parquet.ParquetFile(io.BytesIO(found)).num_row_groups > 3
    assert [row["title"] for row in read_by_duckdb(manifest.path)] == titles


_MEASURED = """
import resource, sys
from types import SimpleNamespace
from event_delivery.formats.parquet import write_parquet
head = b'[["id", "string"], ["at", "timestamp in UTC"], ["title", "string"], ["score", "decimal(8,2)"]]\\n'
def blocks(count):
    yield head
    for number in range(count):
        at = number * 4096
        yield b"".join(
            b'"%032d","2026-03-09 17:00:00.%06d+00","a title, of %d","%d.25"\\n' % (at + each, each, each, each)
            for each in range(4096)
        )
size = sum(map(len, write_parquet(SimpleNamespace(), blocks(int(sys.argv[1])))))
print(size, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def test_memory_does_not_grow_with_the_file():
    """Five times the row groups take no more."""

    def measure(blocks: int) -> tuple[int, int]:
        done = subprocess.run(
            [sys.executable, "-c", _MEASURED, str(blocks)],
            env={"PYTHONPATH": ":".join([str(PROJECT / "plugins"), *sys.path]), "PATH": "/usr/bin:/bin"},
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        size, peak = map(int, done.stdout.split())
        return size, peak

    small, large = measure(150), measure(750)  # of 0.4 MB: 4 row groups, and 18
    assert large[0] > 4 * small[0]
    assert large[1] < small[1] + 40, (small, large)


def test_the_same_events_are_the_same_bytes(awkward_day):
    """Neither a clock nor a machine's name stands in it, but which release of Arrow wrote it."""
    found = make(shape(format="parquet"))[1]
    again = make(
        replace(shape(format="parquet"), destination=shape(format="parquet", file_name="{day}").destination)
    )
    assert again[1] == found
    assert pyarrow.parquet.ParquetFile(io.BytesIO(found)).metadata.created_by.startswith("parquet-cpp-arrow")


def test_what_another_writer_made_of_the_same_events_is_not_made_anew(awkward_day, events_db, monkeypatch):
    """After an upgrade a day that is formatted again keeps its bytes; with other events it has new ones."""
    found = make(shape(format="parquet"))[1]
    monkeypatch.setattr(parquet, "ROW_GROUP_BYTES", 500)
    assert make(shape(format="parquet"))[1] == found
    insert_event(events_db, noon(DAY, 30))
    assert pyarrow.parquet.ParquetFile(io.BytesIO(make(shape(format="parquet"))[1])).num_row_groups > 1


def test_a_type_that_was_edited_makes_another_file(events_db, staging_area, include, delivery):
    """The same texts as numbers are not the same file."""
    write_columns(events_db, include, [("text", "12", "score")])
    make(parquet_of(delivery))
    write_columns(events_db, include, [("int4", "12", "score")])
    manifest, _ = make(parquet_of(delivery))
    assert describe_by_duckdb(manifest.path)["score"] == "INTEGER"
