"""May one more be connected to a host, and who is?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from event_delivery.ledger.statements import run_statement

if TYPE_CHECKING:
    from psycopg import Connection


@dataclass(frozen=True)
class HostLease:
    """That something of this name may be connected; its token is that of the attempt that took it."""

    name: str
    token: UUID


def take_host_lease(
    connection: Connection[Any], name: str, host: str, most: int, seconds: float, waits: bool = True
) -> HostLease | None:
    """Return a lease for `seconds`, or None: `most` others are connected to the host.

    Whoever holds the name has died if it is asked for again: its lease is taken over. `waits`: else the lease is
    taken all the same, over `most` if need be, so that others count it.
    """
    lease = HostLease(name, uuid4())
    values = {**asdict(lease), "host": host, "most": most, "seconds": seconds, "waits": waits}
    with connection.transaction():  # in turn: two that count at once would both find room
        run_statement(connection, "lock_host.sql", values)
        taken = run_statement(connection, "take_host_lease.sql", values).fetchone()
    return lease if taken else None


def release_host_lease(connection: Connection[Any], lease: HostLease) -> None:
    """Let go of a lease, unless somebody else has it by now."""
    run_statement(connection, "release_host_lease.sql", asdict(lease))
