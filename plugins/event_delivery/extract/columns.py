"""Which columns does an event type's statement return, and can they make a file?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from event_delivery.database import read_statement
from event_delivery.errors import PermanentError
from event_delivery.extract.column_names import find_clashes
from event_delivery.staging import Column

if TYPE_CHECKING:
    from psycopg import Cursor

_NAME_TYPES = Path(__file__).parent / "sql" / "name_types.sql"
_REQUIRED_COLUMNS = ("id", "timestamp")


def read_columns(cursor: Cursor[Any]) -> list[Column]:
    """Return the columns of the statement that the cursor has just run, domains as the types behind them."""
    result = cursor.pgresult
    numbers = range(result.nfields if result else 0)
    names = [column.name for column in cursor.description or ()]
    types = {"oids": [result.ftype(n) for n in numbers], "modifiers": [result.fmod(n) for n in numbers]}  # type: ignore[union-attr]
    cursor.execute(read_statement(_NAME_TYPES), types)
    return [Column(name, kind, spelled) for name, (kind, spelled) in zip(names, cursor, strict=True)]


def check_columns(file: str, columns: Sequence[Column]) -> None:
    """Check that the columns of include/sql/<file> make an unambiguous file of instants.

    Raises:
        PermanentError: one is missing, is no timestamptz, or its name clashes with another's; says how to mend it.
    """
    types = {column.name: column for column in columns}
    for name in _REQUIRED_COLUMNS:
        if name not in types:
            raise PermanentError(f"include/sql/{file} returns no column {name!r}; every event needs one.")
    if types["timestamp"].kind != "timestamptz":
        raise PermanentError(_explain_timestamp(file, types["timestamp"].type))
    if clashes := list(find_clashes([column.name for column in columns])):
        raise PermanentError(f"include/sql/{file}: {'; '.join(clashes)}.")


def _explain_timestamp(file: str, found: str) -> str:
    return (
        f'include/sql/{file} returns "timestamp" as {found}, wanted timestamp with time zone: else nobody knows '
        'which instant it is. Say whose clock it was read from, such as "created_at" at time zone '
        "'Europe/Berlin' as \"timestamp\"."
    )
