"""Does a reader that knows a client's dialect get every value, whatever a learner typed?"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import tracemalloc
from typing import Any

import duckdb
import pandas
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from event_delivery.destinations.dialect import Dialect
from event_delivery.errors import PermanentError
from event_delivery.formats.text import write_text
from tests.formats.test_shapes import make, shape
from tests.sample_events import DAY, insert_event, noon
from tools.page.check import find_node

CODECS = {
    "utf-8": "utf-8",
    "utf-8-bom": "utf-8-sig",
    "utf-16le": "utf-16",
    "windows-1252": "cp1252",
    "latin-1": "latin-1",
}
PIECES = st.sampled_from(
    [
        '"',
        '""',
        ",",
        ";",
        "\t",
        "|",
        "\n",
        "\r",
        "\r\n",
        "\\",
        "\\.",
        "=1+1",
        "@x",
        "é",
        "ß",
        "€",
        "NULL",
        "?",
        " ",
    ]
)
ANY = st.characters(codec="utf-8", exclude_characters="\0")
NASTY = st.one_of(st.none(), st.lists(st.one_of(PIECES, ANY), max_size=6).map("".join))
TITLES = st.lists(NASTY, min_size=1, max_size=4)
DIALECTS = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from([",", ";", "|", "tab", "~", " "]),
        "quote": st.sampled_from(["minimal", "all"]),
        "line_end": st.sampled_from(["lf", "crlf"]),
        "null": st.sampled_from(["", "NULL", "\\N", "-"]),
        "encoding": st.sampled_from(list(CODECS)),
        "escape_formulas": st.booleans(),
        "header": st.booleans(),
        "replacement": st.just("?"),
    }
)
SLOWLY = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[*HealthCheck],
)


def fill(events_db: Any, titles: list[str | None]) -> None:
    events_db.execute("delete from events")
    for number, title in enumerate(titles):
        insert_event(events_db, noon(DAY, number), title=title, source=title)


def expect(title: str | None, options: dict[str, Any]) -> str:
    """Return what a reader of CSV that tells no null from its word gets of a title."""
    if title is None:
        return str(options["null"])
    if options["escape_formulas"] and title.startswith(tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")):
        title = "'" + title
    codec = CODECS[options["encoding"]]
    return title.encode(codec, "replace").decode(codec)


@SLOWLY
@given(titles=TITLES, options=DIALECTS)
def test_pythons_csv_reads_every_value_of_every_dialect(events_db, staging_area, titles, options):
    """All options together, over what learners might type."""
    fill(events_db, titles)
    _, found = make(shape(csv=options, columns=["title", "source"]))
    text = io.StringIO(found.decode(CODECS[options["encoding"]]), newline="")
    delimiter = Dialect(**options).delimiter
    rows = list(csv.reader(text, delimiter=delimiter))
    wanted = [[expect(title, options)] * 2 for title in titles]
    assert rows == ([["title", "source"]] if options["header"] else []) + wanted


@SLOWLY
@given(titles=TITLES, block_bytes=st.integers(1, 9), options=DIALECTS)
def test_where_blocks_end_changes_nothing(events_db, staging_area, titles, block_bytes, options):
    """A character, a pair of quotes or a line's end may stand on both sides of a block's end."""
    fill(events_db, titles)
    plain = {name: options[name] for name in ("delimiter", "quote", "null", "escape_formulas", "header")}
    delivery = shape(csv=options, columns=["title", "source"])
    staged = make(shape(csv=plain, columns=["title", "source"]))[1]
    blocks = [staged[at : at + block_bytes] for at in range(0, len(staged), block_bytes)]
    assert b"".join(write_text(delivery, ["title", "source"], blocks)) == make(delivery)[1]


@SLOWLY
@given(titles=TITLES)
def test_pandas_reads_what_excel_in_germany_would(events_db, staging_area, titles):
    """Semicolons, a mark, Windows' line ends: values and nulls come back."""
    fill(events_db, titles)
    options = {"delimiter": ";", "encoding": "utf-8-bom", "line_end": "crlf", "quote": "all", "null": "\\N"}
    _, found = make(shape(csv=options, columns=["title", "source"]))
    frame = pandas.read_csv(
        io.BytesIO(found), sep=";", encoding="utf-8-sig", dtype=str, keep_default_na=False, engine="python"
    )
    assert list(frame["title"]) == ["\\N" if title is None else title for title in titles]


@SLOWLY
@given(titles=TITLES, options=DIALECTS)
def test_duckdb_reads_every_dialect_that_it_knows(events_db, staging_area, tmp_path, titles, options):
    """A reader in C++ gets each value, and tells null from its word and from an empty text."""
    options = options | {"encoding": "utf-8", "escape_formulas": False, "quote": "all", "header": True}
    fill(events_db, titles)
    (tmp_path / "file.csv").write_bytes(make(shape(csv=options, columns=["title", "source"]))[1])
    with duckdb.connect() as connection:
        found = connection.execute(
            "select title from read_csv(?, auto_detect = false, header = true, delim = ?, "
            "quote = '\"', escape = '\"', "
            "nullstr = ?, allow_quoted_nulls = false, strict_mode = true, "
            "columns = {title: 'varchar', source: 'varchar'})",
            [str(tmp_path / "file.csv"), Dialect(**options).delimiter, options["null"]],
        ).fetchall()
    assert [title for (title,) in found] == titles


@SLOWLY
@given(titles=TITLES)
def test_duckdb_reads_ndjson(events_db, staging_area, tmp_path, titles):
    """Line by line, null told from the empty text."""
    fill(events_db, titles)
    (tmp_path / "file.ndjson").write_bytes(make(shape(format="ndjson", columns=["title", "source"]))[1])
    with duckdb.connect() as connection:
        found = connection.execute(
            "select title, source from read_ndjson(?, columns = {title: 'varchar', source: 'varchar'})",
            [str(tmp_path / "file.ndjson")],
        ).fetchall()
    assert found == [(title, title) for title in titles]


@SLOWLY
@given(titles=TITLES)
def test_each_line_of_ndjson_is_an_event(events_db, staging_area, titles):
    """Split at line feeds, and nothing else, each line is one object."""
    fill(events_db, titles)
    _, found = make(shape(format="ndjson", columns=[{"title": "course.title"}, "source"]))
    lines = found.split(b"\n")
    assert lines.pop() == b""
    assert [json.loads(line) for line in lines] == [
        {"course": {"title": title}, "source": title} for title in titles
    ]


def test_node_reads_ndjson(events_db, staging_area):
    """Another language's reader gets the same events."""
    titles = ['a "quote"', "two\nlines\r", "\u2028 and \u2029", "🎓", "\x01\x7f", None, "\\"]
    fill(events_db, titles)
    _, found = make(shape(format="ndjson", columns=["title"]))
    program = (
        "const lines = require('fs').readFileSync(0, 'utf8').split('\\n').filter(Boolean);"
        "process.stdout.write(JSON.stringify(lines.map(line => JSON.parse(line).title)))"
    )
    read = subprocess.run(
        [find_node() / "bin" / "node", "-e", program], input=found, capture_output=True, check=True
    )
    assert json.loads(read.stdout) == titles


@pytest.mark.parametrize(
    ("options", "columns", "title", "message"),
    [
        (
            {"encoding": "latin-1"},
            ["id", "title"],
            "a\n🎓",
            r"event {id}, column 'title': latin-1 has no",
        ),
        ({"encoding": "latin-1"}, ["title", "id"], '🎓",x', r"event {id}, column 'title': latin-1 has no"),
        (
            {"encoding": "latin-1"},
            ["title"],
            "🎓",
            r"event 1 of the day, column 'title': latin-1 has no",
        ),
        ({"encoding": "latin-1"}, [{"id": "€"}], "a", r"acme: the header, column '€': latin-1 has no"),
        ({"quote": "none"}, ["id", "title"], "a,b", r"event {id}, column 'title': a value needs quotes"),
        ({"quote": "none"}, ["title", "id"], "", r"event {id}, column 'title': a value needs quotes"),
        ({"quote": "none", "header": False}, ["title"], "", r"event 1 of the day, column 'title': a value needs"),
    ],
)
def test_what_cannot_be_written_is_named_by_event_and_column(
    events_db, staging_area, options, columns, title, message
):
    """An integration engineer finds the one value that hinders a day."""
    identifier = insert_event(events_db, noon(DAY), title=title)
    with pytest.raises(PermanentError, match=message.replace("{id}", identifier)):
        make(shape(csv=options, columns=columns))


@pytest.mark.parametrize(
    "options",
    [{}, {"delimiter": "?"}, {"null": "??"}, {"escape_formulas": True, "replacement": "-"}],
)
@pytest.mark.parametrize("replacement", ["\n", '"', "?", "é", "\x01"])
def test_a_replacement_that_would_part_a_file_otherwise_is_refused(options, replacement):
    """It stands in values that nothing quotes any more."""
    told = {"replacement": replacement} | options
    if told == {"replacement": "?"}:
        assert Dialect(**told).replacement == "?"
    else:
        with pytest.raises(ValueError, match="wanted a replacement"):
            Dialect(**told)


def test_memory_does_not_grow_with_the_file():
    """A hundred times the events take no more."""
    delivery = shape(csv={"encoding": "utf-16le", "line_end": "crlf", "quote": "all"})
    line = b'"61149b2c-3f37-5032-be63-f5d984de10b6","a ""quoted"",\ntitle","N\xc3\xa9e"\n' * 1_000

    def peak(blocks: int) -> int:
        tracemalloc.start()
        for _ in write_text(delivery, ["id", "title", "user"], (line for _ in range(blocks))):
            pass
        [_, most] = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(100) < 1.2 * peak(1) + 200_000
