"""How is a server visited: one login, and a look at each file that is due, as far as the time goes?"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncssh

from event_delivery.destinations import Destination
from event_delivery.ledger import BoundedLedger
from event_delivery.ledger.verifications import UnverifiedFile, record_verification
from event_delivery.limits import LIMITS, Limits
from event_delivery.sftp import KnownKeys, Route, Server, Session, open_session, read_route
from event_delivery.sftp.explain import Place, explain_transfer
from event_delivery.sftp.replies import is_nonsense
from event_delivery.upload.logins import record_logins, take_notes
from event_delivery.upload.recipient import choose_credentials, find_known_keys, read_jump_host, read_recipient
from event_delivery.verification.looking import look_at
from event_delivery.verification.sighting import Sighting


@dataclass(frozen=True)
class Visit:
    """Whose files are looked at, where, and until when (monotonic seconds)."""

    destination: Destination
    server: Server
    known_keys: KnownKeys
    route: Route
    jump: tuple[Server, KnownKeys] | None
    ledger: BoundedLedger
    deadline: float
    log: Any
    limits: Limits = LIMITS


def prepare_visit(
    destination: Destination, ledger: BoundedLedger, deadline: float, log: Any, limits: Limits = LIMITS
) -> Visit:
    """Read what an upload reads before it logs in: the same credentials, host keys and way; no unknown key is met.

    Raises:
        PermanentError: a Connection is missing or lacks what a login needs, or the route contradicts itself.
        LedgerError: the ledger gave no answer.
    """
    server, route = choose_credentials(read_recipient(destination), ledger), read_route()
    host = choose_credentials(read_jump_host(route.jump_connection), ledger) if route.jump_connection else None
    known = (destination.host_key_policy, "nightly")
    return Visit(
        destination=destination,
        server=server,
        known_keys=find_known_keys(server, ledger, *known),
        route=route,
        jump=(host, find_known_keys(host, ledger, *known)) if host else None,
        ledger=ledger,
        deadline=deadline,
        log=log,
        limits=limits,
    )


async def visit_server(visit: Visit, files: Sequence[UnverifiedFile], told: list[str]) -> None:
    """Look at files, and record what is seen of each before the next; adds a sentence to `told` for what is wrong.

    Files for which no time is left are looked at another time.

    Raises:
        PermanentError, RetryableError: one sentence that says why the server cannot be looked at.
        LedgerError: the ledger gave no answer.
    """
    async with _open(visit) as session:
        for file in files:
            if visit.deadline - time.monotonic() < visit.limits.read_back:
                visit.log.warning("%s: the other files are looked at in the next run", visit.destination.id)
                return
            await _record(visit, await _look(visit, session, file), told)


@asynccontextmanager
async def _open(visit: Visit) -> AsyncIterator[Session]:
    async with open_session(
        visit.server,
        visit.known_keys,
        route=visit.route,
        jump=visit.jump,
        seconds=visit.limits.connect,
        keepalive=visit.limits.keepalive,
        notes=take_notes(visit.ledger, visit.log),
    ) as session:
        await record_logins(session, visit.ledger, visit.log)
        yield session


async def _look(visit: Visit, session: Session, file: UnverifiedFile) -> Sighting:
    try:
        return await look_at(session, file, visit.destination.check_size, visit.limits.read_back)
    except Exception as error:
        if not (isinstance(error, (OSError, asyncssh.Error)) or is_nonsense(error)):
            raise
        raise explain_transfer(error, Place(visit.server, f"looking at {file.remote_path}")) from None


async def _record(visit: Visit, sighting: Sighting, told: list[str]) -> None:
    file, found = sighting.file, sighting.found
    counts = await visit.ledger.ask_soon(record_verification, file, found.value, found.as_sent)
    if not counts:
        visit.log.info("%s is sent again: it is looked at when that is over", file.file_name)
    elif found.as_sent is False:
        told.append(sighting.describe(visit.destination.id, visit.server.address))
        visit.log.error("%s", told[-1])
    else:
        visit.log.info("%s: %s", file.remote_path, found.value)
