"""Whose files go to which folder of which server?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from event_delivery.database import read_statement

if TYPE_CHECKING:
    from psycopg import Connection

_SQL = Path(__file__).parent / "sql"


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
        connection.execute(read_statement(_SQL / "lock_folder.sql"), values)
        rows = connection.execute(read_statement(_SQL / "find_neighbours.sql"), values).fetchall()
        if not rows:
            connection.execute(read_statement(_SQL / "record_recipient.sql"), values)
    return [destination for (destination,) in rows]


def record_recipient(connection: Connection[Any], destination_id: str, recipient: Recipient) -> None:
    """Keep where a destination's files go from now on."""
    values = {"destination": destination_id, **asdict(recipient)}
    connection.execute(read_statement(_SQL / "record_recipient.sql"), values)
