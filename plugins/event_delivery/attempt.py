"""How is one attempt made to deliver a file, within its time limits, and recorded?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import asyncssh

from event_delivery.delivery import Delivery
from event_delivery.errors import DeliveryError, PermanentError, RetryableError
from event_delivery.failed_transfer import refuses_temporary_name
from event_delivery.failure import Place, explain_transfer
from event_delivery.ledger import Ledger, open_ledger
from event_delivery.line_rate import choose_compression, warn_of_size
from event_delivery.recipient import find_known_keys, read_jump_host, read_recipient
from event_delivery.remote_files import RemoteFiles
from event_delivery.route import Route, read_route
from event_delivery.sending import Progress
from event_delivery.server import Server
from event_delivery.session import KnownKeys, open_session
from event_delivery.staging import Manifest, read_manifest
from event_delivery.time_limit import run_until
from event_delivery.transfer import transfer_file
from event_delivery.transfer_plan import Journal, Outcome, Reached, Transfer

TASK_SECONDS = 300.0
TRANSFER_SECONDS = 290.0  # leaves time to clean up and to record why, before Airflow's own limit cuts in
GRACE_SECONDS = 6.0  # a little more than the clean-up on the server may take
PROGRESS_SECONDS = 5.0
_ATTEMPTS_OF_A_RUN = 11


def deliver_file(
    delivery: Delivery,
    dag_id: str,
    run_id: str,
    retrying: bool,
    log: Any,
    accept_host_key: str | None = None,
) -> dict[str, Any]:
    """Send a delivery file and record the attempt; `retrying` tells a retry from a redelivery.

    Args:
        delivery: what to deliver; its file is staged.
        dag_id: the DAG, for the ledger.
        run_id: the DAG run, for the ledger.
        retrying: whether this run has tried before: then it carries on where that attempt was cut off.
        log: the task's log.
        accept_host_key: the fingerprint of a changed host key that an operator accepts.

    Raises:
        PermanentError, RetryableError: one sentence that says where it failed, why, and what to do.
    """
    started = time.monotonic()
    with open_ledger() as ledger:
        ledger.lock(delivery)
        file = read_manifest(delivery, delivery.file_name)
        before = ledger.read_delivery(delivery)
        number = ledger.begin_attempt(delivery, file, dag_id, run_id, retrying)
        log.info("Attempt %d to deliver %s: %s", number, delivery.file_name, _describe_before(before, retrying))
        attempt = _Attempt(delivery, file, ledger, log, number, before, retrying, accept_host_key)
        try:
            remote_path, outcome = attempt.make(started + TRANSFER_SECONDS)
        except BaseException as error:
            reason = describe_reason(error)
            log.error("%s", reason)  # noqa: TRY400 - the sentence stands before Airflow's traceback
            ledger.record_failed(delivery, number, reason, isinstance(error, PermanentError))
            raise
        seconds = time.monotonic() - started
        ledger.record_delivered(delivery, number, remote_path, seconds)
    log.info("Delivered %s to %s: %s", delivery.file_name, remote_path, outcome.words)
    log.info("%d events, %d bytes, %.1f s, %.2f MB/s", file.rows, file.bytes, seconds, file.bytes / 1e6 / seconds)
    return {
        "file_name": delivery.file_name,
        "remote_path": remote_path,
        "rows": file.rows,
        "bytes": file.bytes,
        "sha256": file.sha256,
        "seconds": round(seconds, 3),
    }


def describe_reason(error: BaseException) -> str:
    """Return a failure's sentence; a foreign exception's text may hold anything, so only its type shows."""
    if isinstance(error, DeliveryError):
        return str(error)
    if type(error).__name__ == "AirflowTaskTimeout":
        return f"The upload did not end within {TASK_SECONDS:.0f} s."
    return f"Unexpected {type(error).__name__}; the task's log shows where."


@dataclass
class _Attempt:
    """One attempt: what it sends, and what is known of the attempts before it."""

    delivery: Delivery
    file: Manifest
    ledger: Ledger
    log: Any
    number: int
    before: dict[str, Any] | None
    retrying: bool
    accept_host_key: str | None

    def make(self, deadline: float) -> tuple[str, Outcome]:
        """Deliver before the deadline (monotonic); returns the remote path and how it came there."""
        destination = self.delivery.destination
        self.server = read_recipient(destination)
        self.remote_path = self.server.path(self.delivery.file_name)
        self.place = f"{self.server.address}/{self.server.folder}"
        self.progress = Progress(self.file.bytes)
        self.journal = Journal(self._record_step, self.remote_path)
        rates = self.ledger.read_rates(destination.id)
        warning = warn_of_size(rates, self.file.bytes, TRANSFER_SECONDS)
        if warning:
            self.log.warning("%s", warning)

        def compress(round_trip: float | None) -> bool:
            return choose_compression(rates, self.file.bytes, round_trip)

        route = read_route()
        jump = self._find_jump_host(route)
        try:
            outcome = run_until(deadline, self._deliver(route, jump, compress), GRACE_SECONDS)
        except TimeoutError:
            place = f"{self.server.address}, {self.journal.place}"
            raise RetryableError(
                f"{place}: the transfer did not end within {TRANSFER_SECONDS:.0f} s, its limit; the server has "
                f"acknowledged {self.progress}. {warning or 'Ask the client about its server and line.'}"
            ) from None
        return self.remote_path, outcome

    def _find_jump_host(self, route: Route) -> tuple[Server, KnownKeys] | None:
        if not route.jump_connection:
            return None
        host = read_jump_host(route.jump_connection)
        return host, find_known_keys(host, self.ledger, self.log)

    async def _deliver(
        self,
        route: Route,
        jump: tuple[Server, KnownKeys] | None,
        compress: Callable[[float | None], bool],
    ) -> Outcome:
        delivery, server = self.delivery, self.server
        dag = f"sftp_test_file__{delivery.destination.id}"
        known = find_known_keys(server, self.ledger, self.log, self.accept_host_key)
        self.log.info("Connecting to %s as %r", server.address, server.user)
        async with open_session(
            server, known, route=route, jump=jump, compress=compress, test_file_dag=dag
        ) as session:
            self.log.info("Logged in; delivering %d bytes as %s", self.file.bytes, self.remote_path)
            ticking = asyncio.ensure_future(self._log_progress())
            try:
                return await self._transfer(session.sftp)
            except (asyncssh.Error, OSError, DeliveryError) as error:
                raise explain_transfer(error, Place(server, self.journal.place)) from None
            finally:
                ticking.cancel()
                if self.progress.acknowledged:
                    seconds = self.progress.seconds
                    self.ledger.record_sent(
                        delivery, self.number, self.progress.acknowledged, seconds, session.compressed
                    )

    async def _transfer(self, sftp: asyncssh.SFTPClient) -> Outcome:
        """Transfer in the destination's mode; a test file finds out which one works."""
        destination = self.delivery.destination
        found = self.ledger.read_behaviour(destination.id, self.place)
        mode = destination.upload_mode
        finding_out = mode == "auto" and self.delivery.kind == "test"
        if mode == "auto":
            mode = "rename" if finding_out else found.get("upload_mode", "rename")
        remote = RemoteFiles(sftp, check_size=destination.check_size, create_folder=destination.create_folder)
        transfer = self._describe_transfer(mode, found.get("takes_files", False))
        try:
            outcome = await transfer_file(remote, transfer, self.journal)
        except (asyncssh.Error, DeliveryError) as error:
            if not (finding_out and refuses_temporary_name(error, self.journal)):
                raise
            self.log.warning("%s: refused; trying to write under the final name directly", self.journal.place)
            mode, self.progress.acknowledged = "direct", 0
            direct = replace(transfer, temporary_path=self.remote_path, reached=None)
            outcome = await transfer_file(remote, direct, self.journal)
        if (finding_out and outcome.sent) or outcome.taken:
            self.ledger.record_behaviour(destination.id, self.place, mode, outcome.taken)
        return outcome

    def _describe_transfer(self, mode: str, robot_known: bool) -> Transfer:
        name = self.delivery.destination.temporary_name
        earlier = range(max(1, self.number - _ATTEMPTS_OF_A_RUN), self.number)
        return Transfer(
            local_path=Path(self.file.path),
            bytes=self.file.bytes,
            sha256=self.file.sha256,
            remote_path=self.remote_path,
            temporary_path=self.remote_path if mode == "direct" else name.path(self.remote_path, self.number),
            leftover_paths=tuple(name.path(self.remote_path, number) for number in earlier),
            reached=self._describe_reached(),
            retrying=self.retrying,
            robot_known=robot_known,
            progress=self.progress,
        )

    def _describe_reached(self) -> Reached | None:
        """Return how far the last attempt came with these very bytes to this very path."""
        before = self.before
        if not before or before["sha256"] != self.file.sha256 or before["remote_path"] != self.remote_path:
            return None
        if before["step"] == "delivered" or (before["step"] and before["temporary_path"]):
            return Reached(before["step"], before["temporary_path"] or "")
        return None

    def _record_step(self, step: str, temporary_path: str) -> None:
        self.ledger.record_step(self.delivery, step, self.remote_path, temporary_path)

    async def _log_progress(self) -> None:
        while True:
            await asyncio.sleep(PROGRESS_SECONDS)
            self.log.info("%s: %s", self.journal.doing, self.progress)


def _describe_before(before: dict[str, Any] | None, retrying: bool) -> str:
    if not before:
        return "the first"
    if before["state"] == "failed":
        return f"the one before failed: {before['last_error']}"
    if before["state"] == "uploading":
        return "the one before was cut off"
    return "it was delivered before, and is delivered again" if not retrying else "the one before delivered it"
