"""How does an attempt act on the server: one session, ended at its time limit whatever the server does?"""

from __future__ import annotations

import asyncio
from typing import Any

import asyncssh

from event_delivery.errors import DeliveryError, RetryableError
from event_delivery.ledger import BoundedLedger, LedgerError
from event_delivery.ledger.deliveries import record_step
from event_delivery.sftp import Session, open_session
from event_delivery.sftp.explain import Place, explain_transfer
from event_delivery.sftp.progress import Progress
from event_delivery.sftp.replies import is_nonsense
from event_delivery.staging import list_parts
from event_delivery.upload.accompanying import Accompanying
from event_delivery.upload.companion import stage_companion
from event_delivery.upload.line_rate import warn_of_size
from event_delivery.upload.logins import record_logins, take_notes
from event_delivery.upload.mode import Result, transfer_in_mode
from event_delivery.upload.parted import Parted
from event_delivery.upload.preparation import Preparation
from event_delivery.upload.protocol import Journal, Step
from event_delivery.upload.time_limit import run_until

_ASK = "Ask the client about its server and line."


def act_until(
    deadline: float, preparation: Preparation, ledger: BoundedLedger, progress: Progress, log: Any
) -> Result:
    """Deliver before the deadline (seconds, monotonic).

    Raises:
        RetryableError: the deadline has passed.
        PermanentError, RetryableError: one sentence that says where it failed, why, and what to do.
    """
    remote_path, limits = preparation.remote_path, preparation.limits
    address = preparation.server.address
    if warning := _warn(preparation, preparation.rates):
        log.warning("%s", warning)

    async def record(step: Step, path: str) -> None:
        await ledger.ask_soon(record_step, preparation.attempt, step, address, remote_path, path)
        if isinstance(following, Parted):
            await following.record(step, path)

    journal = Journal(record, remote_path)
    following = _find_following(preparation, ledger, log)
    acting = _act(preparation, ledger, journal, progress, log, following)
    try:
        return run_until(deadline, acting, limits.grace, limits.abandon)
    except TimeoutError:
        raise RetryableError(
            f"{address}, {journal.place}: the transfer did not end within "
            f"{limits.transfer:.0f} s, its limit; the server has acknowledged {progress}. "
            f"{_warn(preparation, preparation.rates or progress.rates) or _ASK}"
        ) from None


def _find_following(preparation: Preparation, ledger: BoundedLedger, log: Any) -> Accompanying | Parted:
    """Return what follows the file, or the parts that it is split into with their manifest."""
    companion = stage_companion(preparation, ledger)
    parts = list_parts(preparation.file, preparation.attempt.file_name)
    if companion and parts:
        return Parted(preparation, parts, companion, ledger, log)
    return Accompanying(preparation, companion, ledger, log)


def _warn(preparation: Preparation, rates: dict[bool, float]) -> str | None:
    file, seconds = preparation.file, preparation.limits.transfer
    return warn_of_size(rates, file.bytes, seconds, preparation.brought.format)


async def _act(
    preparation: Preparation,
    ledger: BoundedLedger,
    journal: Journal,
    progress: Progress,
    log: Any,
    following: Accompanying | Parted,
) -> Result:
    server = preparation.server
    log.info("Connecting to %s as %r", server.address, server.user)
    async with open_session(
        server,
        preparation.known_keys,
        route=preparation.route,
        jump=preparation.jump,
        compress=preparation.compress,
        test_file_dag=preparation.run.test_file_dag,
        seconds=preparation.limits.connect,
        keepalive=preparation.limits.keepalive,
        notes=take_notes(ledger, log),
    ) as session:
        progress.compressed = session.compressed
        await record_logins(session, ledger, log)
        log.info("Logged in; delivering %d bytes as %s", preparation.file.bytes, journal.path)
        return await _transfer(preparation, session, journal, progress, log, following)


async def _transfer(
    preparation: Preparation,
    session: Session,
    journal: Journal,
    progress: Progress,
    log: Any,
    following: Accompanying | Parted,
) -> Result:
    server, seconds = preparation.server, preparation.limits.progress
    ticking = asyncio.ensure_future(_log_progress(journal, progress, seconds, log))
    try:
        return await transfer_in_mode(preparation, session, journal, progress, log, following)
    except LedgerError as error:
        raise LedgerError(
            f"{server.address}, {journal.place}: {error}. Nothing more was done there; the next attempt finds "
            f"out what became of the file."
        ) from None
    except Exception as error:
        if not (isinstance(error, (OSError, asyncssh.Error, DeliveryError)) or is_nonsense(error)):
            raise
        explained = explain_transfer(error, Place(server, journal.place))
        raise type(explained)(f"{explained}{_tell_of_a_part(journal, progress)}") from None
    finally:
        ticking.cancel()


def _tell_of_a_part(journal: Journal, progress: Progress) -> str:
    """Return what lies under the final name, if a part was written there directly."""
    partly = 0 < progress.acknowledged < progress.total and journal.step == "sending"
    if not (partly and journal.direct):
        return ""
    return (
        f" {progress.acknowledged:,} bytes of it lie under the final name until the next attempt overwrites "
        f"them: a temporary name would spare the client that."
    )


async def _log_progress(journal: Journal, progress: Progress, seconds: float, log: Any) -> None:
    while True:
        await asyncio.sleep(seconds)
        log.info("%s: %s", journal.activity, progress)
