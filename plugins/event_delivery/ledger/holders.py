"""Who holds a delivery while it uploads, also where a pooler lends one session to many?

A pooler shows its clients a process number of its own making: where the database's is another, the session is not
ours alone. Then the holder is named, and holds a delivery for as long as an attempt may take; else the session
itself holds it, and whoever dies lets go at once.
"""

from __future__ import annotations

import os
import secrets
import socket
from typing import TYPE_CHECKING, Any

from event_delivery.limits import LIMITS

if TYPE_CHECKING:
    from datetime import datetime

    from psycopg import Connection

_RANDOM = secrets.token_hex(4)  # containers of one name may have the same process numbers


def describe_client(connection: Connection[Any]) -> dict[str, Any]:
    """Return how the ledger's statements know this end of a connection: by a number, by a name, for how long."""
    client = connection.info.backend_pid
    holder = f"{socket.gethostname()}/{os.getpid()}/{_RANDOM}/{client}"
    return {"client": client, "holder": holder, "seconds": LIMITS.task + LIMITS.grace}


def describe_holder(pid: int, since: datetime, until: datetime | None) -> str:
    """Return in parentheses who holds a delivery: a session, or somebody behind a pooler."""
    if until is None:
        return f" (session {pid} of the ledger's database, since {since:%Y-%m-%d %H:%M:%S %Z})"
    return (
        f" (since {since:%Y-%m-%d %H:%M:%S %Z}; the ledger is behind a pooler, so even if its worker has died "
        f"until {until:%H:%M:%S})"
    )
