"""How far have a file's companion and a split file's parts come, and what do they tell of the delivery?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from event_delivery.delivery import Delivery
from event_delivery.ledger.attempts import Attempt, LedgerError
from event_delivery.ledger.statements import key_of, read_one, run_statement

if TYPE_CHECKING:
    from psycopg import Connection


@dataclass(frozen=True)
class CompanionPlace:
    """A companion by its name and sha256, beside a file by its sha256, and where it is to lie.

    `part`: the number, from 1, of what is a part of the delivery's file called `file_name`, of so many `bytes`; 0:
    that file itself, sent whole before it was split; None: what follows the file.
    """

    beside: str
    name: str
    sha256: str
    server: str
    remote_path: str
    file_name: str | None = None
    part: int | None = None
    bytes: int | None = None


@dataclass(frozen=True)
class Beside:
    """What of a delivery's file is about to be removed: what follows it, and parts but these, by name.

    From one folder of one server, with its last slash: what was sent elsewhere stays, and stays known.
    """

    file_name: str
    names: Sequence[str]
    parts: Sequence[str]
    server: str
    folder: str


def record_companion_step(
    connection: Connection[Any], attempt: Attempt, place: CompanionPlace, step: str, temporary_path: str
) -> None:
    """Record how far a companion has come, so that the next attempt knows after a kill.

    Raises:
        LedgerError: another attempt has begun since.
    """
    values = {**_ids(attempt), **asdict(place), "step": step, "temporary_path": temporary_path}
    if not run_statement(connection, "record_companion_step.sql", values).rowcount:
        raise LedgerError("another attempt has taken over this delivery")


def read_companion(connection: Connection[Any], attempt: Attempt, place: CompanionPlace) -> tuple[str, str] | None:
    """Return the step that this very companion has reached, and its temporary path; None: none."""
    return run_statement(connection, "read_companion.sql", _ids(attempt) | asdict(place)).fetchone()


def doubt_companions(connection: Connection[Any], attempt: Attempt, beside: Beside) -> tuple[list[str], list[str]]:
    """Believe in what is about to be removed no more; returns the paths there, of companions and of parts.

    Raises:
        LedgerError: another attempt has begun since.
    """
    found = run_statement(connection, "doubt_companions.sql", _ids(attempt) | _name(beside)).fetchall()
    if not found:
        raise LedgerError("another attempt has taken over this delivery")
    known = [(path, part) for path, part in found if path is not None]
    return [path for path, part in known if part is None], [path for path, part in known if part is not None]


def forget_companions(connection: Connection[Any], attempt: Attempt, beside: Beside) -> None:
    """Forget what was removed."""
    run_statement(connection, "forget_companions.sql", _ids(attempt) | _name(beside))


def find_abandoned(connection: Connection[Any], attempt: Attempt, server: str, remote_path: str) -> list[str]:
    """Return the paths on a server where earlier attempts may have left what is of no file at `remote_path`."""
    values = {**_ids(attempt), "file_id": attempt.file_id, "server": server, "remote_path": remote_path}
    return [path for (path,) in run_statement(connection, "find_abandoned.sql", values).fetchall()]


def number_delivery(connection: Connection[Any], delivery: Delivery, attempt: Attempt) -> int:
    """Return which delivery of its destination and event type it is, from 1, in the order of first manifests."""
    with connection.transaction():  # in turn: no two have one number
        run_statement(connection, "lock_destination.sql", key_of(delivery))
        return int(read_one(connection, "number_delivery.sql", _ids(attempt))[0])


def _name(beside: Beside) -> dict[str, Any]:
    return {**asdict(beside), "names": list(beside.names), "parts": list(beside.parts)}


def _ids(attempt: Attempt) -> dict[str, Any]:
    return {"delivery_id": attempt.delivery_id, "attempt": attempt.number}
