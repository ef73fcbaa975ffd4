"""What do we know of clients' servers: their host keys, how they behave, how fast the lines are?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from event_delivery.ledger.statements import run_statement

if TYPE_CHECKING:
    from psycopg import Connection

SHOWN_ONLY, FIRST_CONTACT, CONFIRMED = "shown only", "first contact, unconfirmed", "confirmed"


@dataclass(frozen=True)
class KeyOwner:
    """Whose trust in a key it is: a Connection's, in the server that it leads to."""

    connection: str
    host: str
    port: int


@dataclass(frozen=True)
class Behaviour:
    """What is known of a remote folder: the mode that works, whether a person says that a robot takes files."""

    upload_mode: str = "rename"
    takes_files: bool = False


def read_host_key(connection: Connection[Any], owner: KeyOwner, confirmed_only: bool = False) -> str | None:
    """Return the key that a person confirmed, or that a login was completed with, as an OpenSSH public key."""
    row = run_statement(
        connection, "read_host_key.sql", {**asdict(owner), "confirmed_only": confirmed_only}
    ).fetchone()
    return row[0] if row else None


def record_shown_key(connection: Connection[Any], owner: KeyOwner, public_key: str) -> None:
    """Record a key that a server showed: it is not trusted, and stops nobody. The latest ten are kept."""
    values = {**asdict(owner), "public_key": public_key}
    with connection.transaction():
        run_statement(connection, "record_shown_key.sql", values)
        run_statement(connection, "forget_shown_keys.sql", values)


def trust_host_key(connection: Connection[Any], owner: KeyOwner, public_key: str, confirmed: bool) -> None:
    """Record the one key that a login was completed with, and whether a person had confirmed it."""
    values = {**asdict(owner), "public_key": public_key, "state": CONFIRMED if confirmed else FIRST_CONTACT}
    with connection.transaction():
        run_statement(connection, "lock_host_key.sql", values)
        run_statement(connection, "distrust_host_keys.sql", values)
        run_statement(connection, "trust_host_key.sql", values)


def forget_host_key(connection: Connection[Any], owner: KeyOwner, public_key: str) -> None:
    """Forget a key, so that nobody trusts it any more; one from before Connections had their own, for all."""
    run_statement(connection, "forget_host_key.sql", {**asdict(owner), "public_key": public_key})


def read_login(connection: Connection[Any], connection_id: str) -> tuple[str, bool] | None:
    """Return which of a Connection's credentials was offered last, `current` or `next`, and if it logged in."""
    row: tuple[str, bool] | None = run_statement(
        connection, "read_login.sql", {"connection": connection_id}
    ).fetchone()
    return row


def record_login(connection: Connection[Any], connection_id: str, offered: str, worked: bool) -> None:
    """Record which of a Connection's two credentials was offered, and whether it logged in."""
    values = {"connection": connection_id, "offered": offered, "worked": worked}
    run_statement(connection, "record_login.sql", values)


def forget_login(connection: Connection[Any], connection_id: str) -> None:
    """Forget which credentials were offered last: the Connection holds one set, the next change begins anew."""
    run_statement(connection, "forget_login.sql", {"connection": connection_id})


def read_behaviour(connection: Connection[Any], destination_id: str, remote_folder: str) -> Behaviour | None:
    """Return what deliveries to a remote folder, named with its server's address, found out."""
    values = {"destination": destination_id, "remote_folder": remote_folder}
    row = run_statement(connection, "read_behaviour.sql", values).fetchone()
    return Behaviour(*row) if row else None


def record_mode(connection: Connection[Any], destination_id: str, remote_folder: str, upload_mode: str) -> None:
    """Record which mode a test file found to work, `rename` or `direct`."""
    values = {"destination": destination_id, "remote_folder": remote_folder, "upload_mode": upload_mode}
    run_statement(connection, "record_mode.sql", values)


def confirm_robot(connection: Connection[Any], destination_id: str, remote_folder: str) -> None:
    """Record that a person says: a robot takes files from this remote folder."""
    values = {"destination": destination_id, "remote_folder": remote_folder}
    run_statement(connection, "confirm_robot.sql", values)


def read_rates(connection: Connection[Any], destination_id: str) -> dict[bool, float]:
    """Return the best rate (bytes/s) of the destination's latest attempts, without and with compression.

    Of eight weeks: lines change, and so do we, so that the way that was slower is tried again.
    """
    rows = run_statement(connection, "read_rates.sql", {"destination": destination_id})
    return {compressed: float(rate) for compressed, rate in rows}
