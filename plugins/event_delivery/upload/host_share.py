"""How many are connected to one host at once, and what becomes of one more?"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address

from event_delivery.errors import DeliveryError, RetryableError
from event_delivery.ledger import BoundedLedger, LedgerError
from event_delivery.ledger.host_leases import HostLease, release_host_lease, take_host_lease
from event_delivery.limits import LIMITS, Limits
from event_delivery.sftp import Server


class HostBusyError(RetryableError):
    """As many are connected to the server's host as may be at once: nothing was tried."""


@contextmanager
def share_host(
    ledger: BoundedLedger,
    server: Server,
    name: str,
    most: int,
    waits: bool = True,
    limits: Limits = LIMITS,
) -> Iterator[None]:
    """Be one of the `most` that are connected to a server's host, for as long as a task may take.

    Args:
        ledger: where all workers count.
        server: the one that is connected to.
        name: who is; no two of one name may be at work at once.
        most: `connections_per_host` of whoever asks.
        waits: whether a moment is waited for one of the others to end; else it is one more.
        limits: how long that moment is, and a task.

    Raises:
        HostBusyError: they are not fewer yet.
        LedgerError: the ledger gave no answer.
    """
    lease = _await_lease(ledger, server, (name, name_host(server), most, limits.task, waits), limits)
    over = time.monotonic() + limits.transfer
    try:
        yield
    finally:
        with suppress(DeliveryError):  # it ends by itself
            _release(ledger, lease, limits.last_words, over)


def name_host(server: Server) -> str:
    """Return what a host is counted by: its name or address as written, in one spelling, and the port.

    Nothing is resolved: two names of one machine are two hosts.
    """
    host = server.host.strip("[]").rstrip(".").lower()
    with suppress(ValueError):
        host = str(ip_address(host))
    return f"{host}:{server.port}"


def _release(ledger: BoundedLedger, lease: HostLease, seconds: float, over: float) -> None:
    """Let go of a lease, if need be on a new connection: a failover ends the old one. Not while the task ends."""
    try:
        ledger.ask(release_host_lease, lease)
    except LedgerError:
        if time.monotonic() < over:
            with BoundedLedger(seconds, None) as fresh:
                fresh.ask(release_host_lease, lease)


def _await_lease(
    ledger: BoundedLedger, server: Server, asked: tuple[str, str, int, float, bool], limits: Limits
) -> HostLease:
    until = time.monotonic() + limits.host_patience
    while (lease := ledger.ask(take_host_lease, *asked)) is None:
        if time.monotonic() >= until:
            raise HostBusyError(
                f"{server.address}: {asked[2]} connections to that host are open, as many as connections_per_host "
                f"allows. Nothing was tried."
            )
        time.sleep(limits.host_asked)
    return lease
