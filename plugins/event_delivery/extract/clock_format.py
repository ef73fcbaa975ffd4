"""How does PostgreSQL write an instant as a strftime format says, on the clock of a zone?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from event_delivery.extract.rendering import write_literal

if TYPE_CHECKING:
    from psycopg import sql

# strftime's parts and to_char's, whose names of months and days are English unless TM asks for others.
_PARTS = {
    "Y": "YYYY", "y": "YY", "m": "MM", "d": "DD", "H": "HH24", "I": "HH12", "M": "MI", "S": "SS", "p": "AM",
    "3f": "MS", "f": "US", "j": "DDD", "b": "Mon", "B": "FMMonth", "a": "Dy", "A": "FMDay",
}  # fmt: skip
_APART = '""'  # no text, between parts: to_char would read DD and Dy as DDD and Y
_PIECES = re.compile(r"%(3f|.)|([^%]+)")
ISO = "%Y-%m-%dT%H:%M:%S.%3f%z"

# to_char forgets BC, has no spelling for infinity, and writes five digits for years after 9999.
_IN_RANGE = "case when {0} >= '0001-01-02 00:00Z' and {0} < '9999-12-31 00:00Z' then "
_ELSE = " else to_json({0}) #>> '{{}}' end"
_OFFSET = "(({0} at time zone {1}) - ({0} at time zone 'UTC'))"
_WRITE_OFFSET = (
    "case when {0} < interval '0' then '-' else '+' end"
    " || to_char(case when {0} < interval '0' then -{0} else {0} end, 'HH24:MI')"
)


def write_instant(column: sql.Composable, time_format: str, zone: str) -> sql.Composed:
    """Return a timestamptz as text; `%z` is the offset of the zone at that instant, such as +02:00."""
    from psycopg import sql

    parts: list[sql.Composable] = []
    template = ""
    for part, text in _PIECES.findall(time_format):
        if part == "z":
            parts += [*_write_local(column, template, zone), _write_offset(column, zone)]
            template = ""
        else:
            template += _PARTS[part] + _APART if part in _PARTS else _quote(text or part)
    parts += _write_local(column, template, zone)
    guarded = [sql.SQL(_IN_RANGE).format(column), sql.SQL(" || ").join(parts), sql.SQL(_ELSE).format(column)]
    return sql.Composed(guarded)


def _write_local(column: sql.Composable, template: str, zone: str) -> list[sql.Composable]:
    from psycopg import sql

    if not template:
        return []
    told = sql.SQL("to_char({} at time zone {}, {})")
    return [told.format(column, sql.Literal(zone), write_literal(template))]


def _write_offset(column: sql.Composable, zone: str) -> sql.Composed:
    from psycopg import sql

    offset = sql.SQL(_OFFSET).format(column, sql.Literal(zone))
    return sql.SQL("({})").format(sql.SQL(_WRITE_OFFSET).format(offset))


def _quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
