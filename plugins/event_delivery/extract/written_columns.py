"""Which columns does a client's file have, and how does PostgreSQL write each?"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from event_delivery.delivery import Delivery
from event_delivery.destinations.chosen_columns import ChosenColumn
from event_delivery.destinations.dialect import Dialect
from event_delivery.errors import PermanentError
from event_delivery.extract.clock_format import ISO, write_instant
from event_delivery.extract.column_names import find_clashes
from event_delivery.extract.rendering import identify, render_json, render_text, write_literal
from event_delivery.staging import Column

if TYPE_CHECKING:
    from psycopg import sql

# Types whose text no spreadsheet takes for a formula, by their names in pg_catalog.
_PLAIN = {
    "int2",
    "int4",
    "int8",
    "float4",
    "float8",
    "numeric",
    "bool",
    "timestamptz",
    "timestamp",
    "date",
    "uuid",
}
_FORMULA = r"^[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]"  # OWASP, CSV Injection; the last four are their wide twins
_AS_IT_IS = ChosenColumn(column="*")


@dataclass(frozen=True)
class WrittenColumn:
    """A column of the file: its name, and the statement's column or the constant that it holds."""

    title: str
    column: Column | None
    chosen: ChosenColumn = _AS_IT_IS

    @property
    def time_format(self) -> str | None:
        """How an instant is written; None: as every instant is."""
        return self.chosen.time_format or (ISO if self.chosen.timezone else None)

    @property
    def word(self) -> str:
        """What its type is called towards clients."""
        return "text" if self.column is None or self.time_format else self.column.word


def choose_columns(delivery: Delivery, columns: Sequence[Column]) -> list[WrittenColumn]:
    """Return the columns of a delivery's file, of those that its statement returns.

    Raises:
        PermanentError: the statement returns none of that name, one is no instant, or two names clash.
    """
    chosen = delivery.destination.columns_of(delivery.event)
    if not chosen:
        return [WrittenColumn(each.name, each) for each in columns]
    by_name = {column.name: column for column in columns}
    written = [WrittenColumn(each.title, _find(delivery, each, by_name), each) for each in chosen]
    for each in written:
        if each.time_format and each.column and each.column.kind != "timestamptz":
            _refuse(
                delivery, f"{each.column.name!r} is {each.column.type}: time_format and timezone are for instants"
            )
    if clashes := list(find_clashes([each.title for each in written])):
        _refuse(delivery, "; ".join(clashes))
    return written


def find_column(delivery: Delivery, field: str, name: str, columns: dict[str, Column]) -> Column:
    """Return a column of a statement; raises PermanentError where there is none of that name."""
    if name in columns:
        return columns[name]
    similar = difflib.get_close_matches(name, columns, n=1, cutoff=0.6)
    question = f"; did you mean {similar[0]!r}?" if similar else f"; wanted one of {', '.join(columns)}"
    raise PermanentError(
        f"{delivery.destination.id}: field '{field}': include/sql/{delivery.event_type.sql} returns no column "
        f"{name!r}{question}"
    )


def _find(delivery: Delivery, chosen: ChosenColumn, columns: dict[str, Column]) -> Column | None:
    return find_column(delivery, "columns", chosen.column, columns) if chosen.column is not None else None


def _refuse(delivery: Delivery, problem: str) -> None:
    raise PermanentError(f"{delivery.destination.id}: field 'columns': {problem}.")


def write_csv_value(written: WrittenColumn, dialect: Dialect) -> sql.Composed:
    """Return a value as the text that a CSV file has."""
    from psycopg import sql

    if written.column is None:
        return sql.SQL("{}::text").format(write_literal(str(written.chosen.constant)))
    value = _write_text(written)
    if written.column.kind == "bool":
        words = write_literal(dialect.true_word), write_literal(dialect.false_word)
        return sql.SQL("case {0} when true then {1} when false then {2} end").format(
            identify(written.column.name), *words
        )
    if dialect.escape_formulas and written.column.kind not in _PLAIN:
        return sql.SQL("case when {0} ~ {1} then '''' || {0} else {0} end").format(value, sql.Literal(_FORMULA))
    return value


def write_json_value(written: WrittenColumn) -> sql.Composed:
    """Return a value as JSON."""
    from psycopg import sql

    if written.column is None:
        return sql.SQL("to_json({}::text)::text").format(write_literal(str(written.chosen.constant)))
    if written.time_format:
        return sql.SQL("coalesce(to_json({})::text, 'null')").format(_write_text(written))
    return render_json(written.column)


def _write_text(written: WrittenColumn) -> sql.Composed:
    if written.column is None:
        raise ValueError("a constant has no column")
    if not written.time_format:
        return render_text(written.column)
    zone = written.chosen.timezone or "UTC"
    return write_instant(identify(written.column.name), written.time_format, zone)
