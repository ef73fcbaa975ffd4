"""Which database logins may do more than they need?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from event_delivery.connection_names import EVENTS_DB, LEDGER_DB
from event_delivery.database import connect, read_statement
from event_delivery.security_check.findings import Finding

if TYPE_CHECKING:
    from psycopg import Connection

_SQL = Path(__file__).parent / "sql"
_MOST_NAMED = 3


def check_source_role() -> Iterator[Finding]:
    """Yield what the role of `events_db` may do beyond reading; raises as `connect` does."""
    with connect(EVENTS_DB) as connection:
        if _is_superuser(connection):
            yield _superuser(EVENTS_DB)
            return
        rows = connection.execute(read_statement(_SQL / "list_writable_tables.sql")).fetchall()
    if rows:
        named = ", ".join(name for (name,) in rows[:_MOST_NAMED])
        more = f" and {len(rows) - _MOST_NAMED} more" if len(rows) > _MOST_NAMED else ""
        yield Finding(
            "medium", f"Connection {EVENTS_DB}", f"its role may change the source's tables: {named}{more}.",
            "Give it the right to select alone, and the ledger a Connection ledger_db with a role of its own.",
        )  # fmt: skip


def check_ledger_role() -> Iterator[Finding]:
    """Yield it when the ledger's role is a superuser; raises as `connect` does."""
    with connect(LEDGER_DB, EVENTS_DB) as connection:
        if _is_superuser(connection):
            yield _superuser(f"{LEDGER_DB} (or {EVENTS_DB} in its place)")


def _is_superuser(connection: Connection[Any]) -> bool:
    row = connection.execute(read_statement(_SQL / "is_superuser.sql")).fetchone()
    return bool(row and row[0])


def _superuser(name: str) -> Finding:
    return Finding(
        "high", f"Connection {name}", "its role is a superuser, who may read and run anything there.",
        "Give it a role of its own, with the rights that it needs.",
    )  # fmt: skip
