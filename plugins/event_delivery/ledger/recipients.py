"""Whose files go to which folder of which server?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from event_delivery.delivery import Delivery
from event_delivery.ledger.statements import key_of, run_statement

if TYPE_CHECKING:
    from psycopg import Connection


@dataclass(frozen=True)
class Recipient:
    """A folder of a server, spelled one way: the host in small letters, the folder without what says nothing.

    Another login may see another root: a hosted server often gives each client one of its own.
    """

    host: str
    port: int
    login: str
    folder: str

    def is_same(self, other: Recipient) -> bool:
        """Tell whether files for both come to lie in one folder."""
        return self == other


def enter_folder(
    connection: Connection[Any], destination_id: str, recipient: Recipient, remote_folder: str
) -> list[str]:
    """Return the other destinations whose files went there last; without any, keep that this one's go there.

    `remote_folder`: address and folder, as the server's behaviour is known by.
    """
    values = {"destination": destination_id, "remote_folder": remote_folder, **asdict(recipient)}
    with connection.transaction():
        run_statement(connection, "lock_folder.sql", values)
        rows = run_statement(connection, "find_neighbours.sql", values).fetchall()
        if not rows:
            run_statement(connection, "record_recipient.sql", values)
    return [destination for (destination,) in rows]


def find_client(connection: Connection[Any], recipient: Recipient) -> str | None:
    """Return a destination whose files went to this login of this server, whatever the folder."""
    row = run_statement(connection, "find_login.sql", asdict(recipient)).fetchone()
    return row[0] if row else None


def find_sent_before(
    connection: Connection[Any], delivery: Delivery, others: Sequence[str]
) -> list[tuple[str, str]]:
    """Return which of these destinations delivered events of the same interval and company, and by which files."""
    values = {**key_of(delivery), "others": list(others), "company_id": str(delivery.destination.company_id)}
    rows = run_statement(connection, "find_sent_before.sql", values).fetchall()
    return [(destination, file_name) for destination, file_name in rows]


def record_recipient(connection: Connection[Any], destination_id: str, recipient: Recipient) -> None:
    """Keep where a destination's files go from now on."""
    values = {"destination": destination_id, **asdict(recipient)}
    run_statement(connection, "record_recipient.sql", values)
