"""Is a statement refused whose columns cannot make a file, before a row is read?"""

from __future__ import annotations

import json

import pytest
from psycopg import sql

from event_delivery.errors import PermanentError
from event_delivery.extract.events import extract_events
from tests.extract.statements import ID, render_night, write_event_type, write_statement

pytestmark = pytest.mark.usefixtures("staging_area")


@pytest.mark.parametrize(
    "expression, found",
    [
        ("localtimestamp", "timestamp without time zone"),
        ("timestamp(3) '2026-03-09 17:00'", "timestamp(3) without time zone"),
        ("date '2026-03-09'", "date"),
        ("'2026-03-09T17:00:00Z'::text", "text"),
        ("extract(epoch from now())::bigint", "bigint"),
        ("'2026-03-09 17:00'::wall_time", "timestamp without time zone"),
        ("null", "text"),
    ],
)
def test_a_timestamp_that_is_no_instant_is_refused_with_its_cure(events_db, delivery, include, expression, found):
    """Without a zone the wrong 24 hours would leave, and under a name that other hours have already."""
    events_db.execute("create domain wall_time as timestamp")
    write_statement(include, f'select 1 as id, {expression} as "timestamp" from generate_series(1, 2)')
    with pytest.raises(PermanentError) as refused:
        extract_events(delivery)
    assert str(refused.value) == (
        f'include/sql/course_completion.sql returns "timestamp" as {found}, wanted timestamp with time zone: else '
        'nobody knows which instant it is. Say whose clock it was read from, such as "created_at" at time zone '
        "'Europe/Berlin' as \"timestamp\"."
    )


def test_a_domain_of_instants_is_a_timestamp(events_db, delivery, include):
    """A domain is what stands behind it."""
    events_db.execute("create domain instant as timestamptz")
    write_statement(include, "select 1 as id, '2026-03-09 17:00Z'::instant as \"timestamp\"")
    assert json.loads(render_night(delivery)) == [{"id": 1, "timestamp": "2026-03-09T17:00:00.000Z"}]


SETTINGS = {
    "timezone": "Asia/Tokyo",
    "datestyle": "German",
    "intervalstyle": "sql_standard",
    "extra_float_digits": "-15",
    "bytea_output": "escape",
}
SENSITIVE = (
    "date_trunc('day', timestamptz '2026-03-09 17:00Z') as day, timestamptz '2026-03-09 17:00Z'::text as text, "
    "date '2026-03-09' as date, timestamp '2026-03-09 17:00' as wall, interval '1 day 2 hours' as span, "
    "pi() as number, '\\x6100'::bytea as bytes"
)


@pytest.mark.parametrize("owner", ["database", "role"])
def test_a_file_does_not_depend_on_the_settings_of_the_source(events_db, delivery, include, owner):
    """The same data gives the same bytes whatever a database or a role has been set to."""
    write_event_type(include, SENSITIVE)
    before = render_night(delivery)
    name = sql.Identifier(events_db.info.dbname if owner == "database" else events_db.info.user)
    for setting, value in SETTINGS.items():
        change = sql.SQL("alter {} {} set {} to {}")
        events_db.execute(change.format(sql.SQL(owner), name, sql.Identifier(setting), value))
    try:
        assert render_night(delivery) == before
    finally:
        events_db.execute(sql.SQL("alter {} {} reset all").format(sql.SQL(owner), name))
    [event] = json.loads(before)
    assert event["day"] == "2026-03-09T00:00:00.000Z"


@pytest.mark.parametrize(
    "columns, message",
    [
        ("1 as a, 2 as a", '2 columns are called "a": give each a name of its own with `as`'),
        ("1, 2", '2 columns are called "?column?"'),
        ("1 as id", '2 columns are called "id"'),
        ('1 as a, 2 as "a.b"', '"a" would be a value, and an object because of "a.b": rename one of the two'),
        ('1 as "a.b.c", 2 as "a.b"', '"a.b" would be a value, and an object because of "a.b.c"'),
        ('1 as "a.x", 2 as b, 3 as c, 4 as "a.y"', 'columns of the object "a" are parted by "b", "c": let them'),
        ('1 as "a.b.x", 2 as "a.c", 3 as "a.b.y"', 'columns of the object "a.b" are parted by "a.c"'),
        ('1 as "a..b"', 'column "a..b" has an empty part: wanted a name on either side of each dot'),
        ('1 as ".a"', 'column ".a" has an empty part'),
        ('1 as "a."', 'column "a." has an empty part'),
        ('1 as "."', 'column "." has an empty part'),
        ('1 as "say ""hi""", 2 as "say ""hi"""', '2 columns are called "say ""hi"""'),
        (f'1 as "{"x" * 63}1", 2 as "{"x" * 63}2"', f'2 columns are called "{"x" * 63}"'),
    ],
)
@pytest.mark.parametrize("format_name", ["csv", "json"])
def test_names_that_clash_are_refused_with_the_cure(events_db, delivery, include, columns, message, format_name):
    """A key that stands twice is no JSON for a strict reader, and a header that stands twice loses a column."""
    delivery = with_format(delivery, format_name)
    write_event_type(include, columns)
    with pytest.raises(PermanentError) as refused:
        extract_events(delivery)
    assert f"include/sql/course_completion.sql: {message}" in str(refused.value)


def test_all_clashes_are_told_at_once(events_db, delivery, include):
    """Nobody has to wait for the next night to read of the second mistake."""
    write_event_type(include, '1 as a, 2 as a, 3 as "b."')
    with pytest.raises(PermanentError, match='"a".*; column "b."'):
        extract_events(delivery)


@pytest.mark.parametrize(
    "name",
    ["100%", "%s", "%(company_id)s", "%%", 'say "hi"', "back\\slash", "naïve 🎓", "a\nb", "\x01\t", "{0}", "{}"],
)
@pytest.mark.parametrize("format_name", ["csv", "json"])
def test_any_name_reaches_the_file_as_it_is(events_db, delivery, include, name, format_name):
    """Percent signs, quotes, backslashes and control characters mean nothing to us."""
    quoted = name.replace('"', '""').replace("%", "%%")
    write_event_type(include, f'1 as "{quoted}", 2 as "o.{quoted}"')
    text = render_night(with_format(delivery, format_name))
    if format_name == "json":
        assert json.loads(text) == [{"id": ID, "timestamp": "2026-03-09T17:00:00.000Z", name: 1, "o": {name: 2}}]
        assert text.count("\\u") == sum(ord(character) < 9 for character in name) * 2
    else:
        csv_name = '"' + name.replace('"', '""') + '"' if {'"', "\n", "\r", ","} & set(name) else name
        assert text.startswith(f"id,timestamp,{csv_name},")


def with_format(delivery, format_name):
    from dataclasses import replace

    return replace(delivery, destination=delivery.destination.model_copy(update={"format": format_name}))
