"""Which version has the ledger, and how does it get the one that this release knows?"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from event_delivery.database import read_statement
from event_delivery.errors import PermanentError
from event_delivery.limits import LIMITS

if TYPE_CHECKING:
    from psycopg import Connection

_SQL = Path(__file__).parent / "sql"
_MILLISECONDS = 1_000
_TURNS = 3  # of those who make a ledger at once, all but one are refused by the database's own catalog


class Migration(NamedTuple):
    """One numbered step of the ledger's schema."""

    version: int
    file: Path


def list_migrations(folder: Path = Path(__file__).parent / "migrations") -> list[Migration]:
    """Return the migrations, `<version>_<what it does>.sql`, in order."""
    files = sorted(folder.glob("*.sql"))
    return [Migration(int(re.match(r"\d+", file.name)[0]), file) for file in files]  # type: ignore[index]


LATEST = list_migrations()[-1].version


def read_version(connection: Connection[Any]) -> int | None:
    """Return the ledger's version, 0 for one from before versions, None when there is no ledger.

    Raises:
        PermanentError: a newer release made it.
    """
    exists, numbered = _fetch(connection, "find_schema.sql")
    version = _fetch(connection, "read_version.sql")[0] if numbered else 0 if exists else None
    if version is not None and version > LATEST:
        raise PermanentError(
            f"The ledger has version {version}, made by a newer release; this one knows {LATEST}. "
            f"Upgrade this instance too."
        )
    return version


def upgrade_ledger(connection: Connection[Any]) -> list[int]:
    """Bring a ledger to the latest version, all in one transaction; returns the versions applied.

    One process does it at a time; the others wait for it, half of `LIMITS.ledger_upgrade` at most.

    Raises:
        PermanentError: a newer release made it, or somebody's views depend on what changes.
        psycopg.Error: the role may not change the schema, or another process holds the lock for too long.
    """
    from psycopg.errors import DuplicateSchema, DuplicateTable, UniqueViolation

    for turn in range(_TURNS):
        try:
            return _upgrade(connection)
        except (DuplicateSchema, DuplicateTable, UniqueViolation):
            if turn == _TURNS - 1:
                raise
    return []


def _upgrade(connection: Connection[Any]) -> list[int]:
    applied = []
    with connection.transaction():  # one: who reads meanwhile sees the ledger before it, or the whole new one
        _wait_for_turn(connection)
        for migration in list_migrations():
            if migration.version > (read_version(connection) or 0):
                _apply(connection, migration)
                applied.append(migration.version)
    return applied


def _wait_for_turn(connection: Connection[Any]) -> None:
    """Wait for whoever upgrades the ledger now, longer than for its readers; nobody else can take that lock."""
    longest = {"lock": str(round(LIMITS.ledger_upgrade / 2 * _MILLISECONDS))}
    [lock_timeout, *_] = _fetch(connection, "lift_timeouts.sql", longest)
    exists, numbered = _fetch(connection, "find_schema.sql")
    if not exists:
        connection.execute(read_statement(_SQL / "create_schema.sql"))
    if not numbered:
        connection.execute(read_statement(_SQL / "create_schema_version.sql"))
    connection.execute(read_statement(_SQL / "lock_upgrade.sql"))
    connection.execute(read_statement(_SQL / "restore_lock_timeout.sql"), {"lock": lock_timeout})


def _apply(connection: Connection[Any], migration: Migration) -> None:
    from psycopg.errors import DependentObjectsStillExist

    try:
        connection.execute(read_statement(migration.file))
    except DependentObjectsStillExist as error:
        raise PermanentError(
            f"The ledger cannot be upgraded to version {migration.version}: {error.diag.message_detail} Drop what "
            f"depends on it, run: python -m event_delivery.ledger upgrade, and make it again: the columns of "
            f"event_delivery.delivery and event_delivery.attempt stay."
        ) from None
    values = {"version": migration.version, "name": migration.file.stem}
    connection.execute(read_statement(_SQL / "record_version.sql"), values)


def _fetch(connection: Connection[Any], file: str, values: dict[str, str] | None = None) -> Any:
    return connection.execute(read_statement(_SQL / file), values).fetchone()
