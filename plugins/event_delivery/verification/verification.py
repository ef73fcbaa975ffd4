"""Do a destination's delivered files still lie on its server as they were sent?"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from event_delivery.destinations import Destination
from event_delivery.destinations.packing import COMPANION_ENDINGS
from event_delivery.errors import DeliveryError, RetryableError
from event_delivery.ledger import BoundedLedger, LedgerError
from event_delivery.ledger.claims import check_claim
from event_delivery.ledger.instance import read_instance
from event_delivery.ledger.servers import read_behaviour
from event_delivery.ledger.verifications import UnverifiedFile, find_unverified, record_failed_look
from event_delivery.limits import LIMITS, Limits
from event_delivery.sftp import Server
from event_delivery.upload.host_share import HostBusyError, share_host
from event_delivery.upload.preparation import describe_remote_folder
from event_delivery.upload.time_limit import run_until
from event_delivery.verification.visit import Visit, prepare_visit, visit_server


def is_due(destination: Destination, ledger: BoundedLedger, now: datetime) -> bool:
    """Tell whether a destination has delivered files to look at now; raises LedgerError."""
    return bool(_find_due(destination, ledger, now))


def verify_destination(destination: Destination, now: datetime, log: Any, limits: Limits = LIMITS) -> list[str]:
    """Look once at each delivered file that is due by `verify_after`, in one session; nothing is changed there.

    Returns a sentence for each file that is not as it was sent, and one where the server could not be looked at:
    then it is not tried again for a day, unless something is delivered there meanwhile.

    What was seen stands in the ledger before the next file is looked at, so that it is told once.

    Raises:
        PermanentError: the ledger is another instance's.
        LedgerError: the ledger gave no answer; the next run looks again at what is not recorded.
    """
    deadline, told = time.monotonic() + limits.transfer, list[str]()
    with BoundedLedger(limits.ledger, limits.ledger_upgrade) as ledger:
        if refusal := ledger.ask(check_claim, read_instance()):
            raise refusal
        files = _find_due(destination, ledger, now)
        try:
            if files:
                _look_at_all(prepare_visit(destination, ledger, deadline, log, limits), files, told)
        except LedgerError:
            if not told:
                raise
            told.append(f"{destination.id}: the ledger gave no answer; the other files are looked at again.")
        except DeliveryError as error:
            told.append(f"{destination.id}: delivered files could not be looked at: {error}")
            log.error("%s", told[-1])  # noqa: TRY400 - the sentence is all that there is to say
            with suppress(DeliveryError):
                ledger.ask(record_failed_look, destination.connection, now)
    return told


def _find_due(destination: Destination, ledger: BoundedLedger, now: datetime) -> list[UnverifiedFile]:
    """Return the files to look at; none in a rehearsal, which has delivered nothing to the client's server."""
    if destination.verified_after is None or read_instance().rehearsal:
        return []
    return ledger.ask(find_unverified, destination.id, destination.connection, destination.verified_after, now)


def _look_at_all(visit: Visit, files: Sequence[UnverifiedFile], told: list[str]) -> None:
    destination, server, limits = visit.destination, visit.server, visit.limits
    here = [file for file in files if _lies_there(file, server)]
    visit.log.info("%s: %d files to look at, %d lie elsewhere", destination.id, len(here), len(files) - len(here))
    behaviour = visit.ledger.ask(read_behaviour, destination.id, describe_remote_folder(server))
    if behaviour and behaviour.takes_files:
        said = "a person said that a robot takes files there, so that nothing is looked at: take verify_after out"
        visit.log.warning("%s: %s", destination.id, said)
        return
    if not here:
        return
    name, most = f"{destination.id}, its delivered files", destination.connections_per_host
    try:
        with share_host(visit.ledger, server, name, most, limits=limits):
            run_until(visit.deadline, visit_server(visit, here, told), limits.grace, limits.abandon)
    except HostBusyError as busy:
        visit.log.warning("%s %s: they are looked at in the next run", busy, destination.id)
    except TimeoutError:
        raise RetryableError(f"{server.address}: that did not end within {limits.transfer:.0f} s.") from None


def _lies_there(file: UnverifiedFile, server: Server) -> bool:
    """Whether the Connection still leads to where a file was delivered."""
    ending = COMPANION_ENDINGS["manifest"] if file.pieces else ""
    return file.server in (None, server.address) and file.remote_path == server.path(file.file_name + ending)
