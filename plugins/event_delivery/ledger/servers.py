"""What do we know of clients' servers: their host keys, how they behave, how fast the lines are?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from event_delivery.ledger.statements import run_statement

if TYPE_CHECKING:
    from psycopg import Connection


@dataclass(frozen=True)
class Behaviour:
    """What is known of a remote folder: the mode that works, whether a person says that a robot takes files."""

    upload_mode: str = "rename"
    takes_files: bool = False


def read_host_key(connection: Connection[Any], host: str, port: int) -> str | None:
    """Return the remembered key of a server, as an OpenSSH public key."""
    row = run_statement(connection, "read_host_key.sql", {"host": host, "port": port}).fetchone()
    return row[0] if row else None


def remember_host_key(connection: Connection[Any], host: str, port: int, public_key: str) -> None:
    """Remember the key that a server showed at the first contact, or that an operator accepted."""
    values = {"host": host, "port": port, "public_key": public_key}
    run_statement(connection, "remember_host_key.sql", values)


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
    """Return the best rate (bytes/s) of the destination's latest attempts, without and with compression."""
    rows = run_statement(connection, "read_rates.sql", {"destination": destination_id})
    return {compressed: float(rate) for compressed, rate in rows}
