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
from event_delivery.ledger import Ledger, open_ledger
from event_delivery.limits import ATTEMPTS, LIMITS, Limits
from event_delivery.sftp.explain import Place, explain_transfer
from event_delivery.sftp.files import RemoteFiles
from event_delivery.sftp.route import Route, read_route
from event_delivery.sftp.sending import Progress
from event_delivery.sftp.server import Server
from event_delivery.sftp.session import KnownKeys, open_session
from event_delivery.staging import Manifest, read_manifest
from event_delivery.upload.cleanup import refuses_temporary_name
from event_delivery.upload.line_rate import choose_compression, warn_of_size
from event_delivery.upload.plan import Journal, Outcome, Reached, Transfer
from event_delivery.upload.recipient import find_known_keys, read_jump_host, read_recipient
from event_delivery.upload.time_limit import run_until
from event_delivery.upload.transfer import transfer_file


@dataclass(frozen=True)
class UploadRun:
    """The run that uploads.

    Args:
        dag_id: the DAG, for the ledger.
        run_id: the DAG run, for the ledger.
        retrying: whether this run has tried before: then it carries on where that attempt was cut off.
        accept_host_key: the fingerprint of a changed host key that an operator accepts.
        test_file_dag: the DAG whose run can accept a changed host key, for the message that says so.
    """

    dag_id: str
    run_id: str
    retrying: bool = False
    accept_host_key: str | None = None
    test_file_dag: str = ""


@dataclass(frozen=True)
class DeliveredFile:
    """What a client has got; `seconds` is how long the attempt took."""

    file_name: str
    remote_path: str
    rows: int
    bytes: int
    sha256: str
    seconds: float


def deliver_file(delivery: Delivery, run: UploadRun, log: Any, limits: Limits = LIMITS) -> DeliveredFile:
    """Send a delivery file, which is staged, and record the attempt.

    Raises:
        PermanentError, RetryableError: one sentence that says where it failed, why, and what to do.
    """
    started = time.monotonic()
    with open_ledger() as ledger:
        ledger.lock(delivery)
        file = read_manifest(delivery, delivery.file_name)
        before = ledger.read_delivery(delivery)
        number = ledger.begin_attempt(delivery, file, run.dag_id, run.run_id, run.retrying)
        log.info(
            "Attempt %d to deliver %s: %s", number, delivery.file_name, _describe_before(before, run.retrying)
        )
        attempt = _Attempt(delivery, file, ledger, log, number, before, run, limits)
        try:
            remote_path, outcome = attempt.make(started + limits.transfer)
        except BaseException as error:
            reason = describe_reason(error)
            log.error("%s", reason)  # noqa: TRY400 - the sentence stands before Airflow's traceback
            ledger.record_failed(delivery, number, reason, isinstance(error, PermanentError))
            raise
        seconds = time.monotonic() - started
        ledger.record_delivered(delivery, number, remote_path, seconds)
    log.info("Delivered %s to %s: %s", delivery.file_name, remote_path, outcome.words)
    log.info("%d events, %d bytes, %.1f s, %.2f MB/s", file.rows, file.bytes, seconds, file.bytes / 1e6 / seconds)
    return DeliveredFile(delivery.file_name, remote_path, file.rows, file.bytes, file.sha256, round(seconds, 3))


def describe_reason(error: BaseException) -> str:
    """Return a failure's sentence; a foreign exception's text may hold anything, so only its type shows."""
    if isinstance(error, DeliveryError):
        return str(error)
    if type(error).__name__ == "AirflowTaskTimeout":
        return f"The upload did not end within {LIMITS.task:.0f} s."
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
    run: UploadRun
    limits: Limits

    def make(self, deadline: float) -> tuple[str, Outcome]:
        """Deliver before the deadline (monotonic); returns the remote path and how it came there."""
        destination = self.delivery.destination
        self.server = read_recipient(destination)
        self.remote_path = self.server.path(self.delivery.file_name)
        self.place = f"{self.server.address}/{self.server.folder}"
        self.progress = Progress(self.file.bytes)
        self.journal = Journal(self._record_step, self.remote_path)
        rates = self.ledger.read_rates(destination.id)
        warning = warn_of_size(rates, self.file.bytes, self.limits.transfer)
        if warning:
            self.log.warning("%s", warning)

        def compress(round_trip: float | None) -> bool:
            return choose_compression(rates, self.file.bytes, round_trip)

        route = read_route()
        jump = self._find_jump_host(route)
        try:
            outcome = run_until(deadline, self._deliver(route, jump, compress), self.limits.grace)
        except TimeoutError:
            place = f"{self.server.address}, {self.journal.place}"
            raise RetryableError(
                f"{place}: the transfer did not end within {self.limits.transfer:.0f} s, its limit; the server "
                f"has acknowledged {self.progress}. {warning or 'Ask the client about its server and line.'}"
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
        known = find_known_keys(server, self.ledger, self.log, self.run.accept_host_key)
        self.log.info("Connecting to %s as %r", server.address, server.user)
        async with open_session(
            server,
            known,
            route=route,
            jump=jump,
            compress=compress,
            test_file_dag=self.run.test_file_dag,
            seconds=self.limits.connect,
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
        remote = RemoteFiles(
            sftp,
            check_size=destination.check_size,
            create_folder=destination.create_folder,
            rename_pauses=self.limits.rename_pauses,
        )
        transfer = self._describe_transfer(mode, found.get("takes_files", False))
        try:
            outcome = await transfer_file(remote, transfer, self.journal, self.limits.clean_up)
        except (asyncssh.Error, DeliveryError) as error:
            if not (finding_out and refuses_temporary_name(error, self.journal)):
                raise
            self.log.warning("%s: refused; trying to write under the final name directly", self.journal.place)
            mode, self.progress.acknowledged = "direct", 0
            direct = replace(transfer, temporary_path=self.remote_path, reached=None)
            outcome = await transfer_file(remote, direct, self.journal, self.limits.clean_up)
        if (finding_out and outcome.sent) or outcome.taken:
            self.ledger.record_behaviour(destination.id, self.place, mode, outcome.taken)
        return outcome

    def _describe_transfer(self, mode: str, robot_known: bool) -> Transfer:
        name = self.delivery.destination.temporary_name
        earlier = range(max(1, self.number - ATTEMPTS), self.number)
        return Transfer(
            local_path=Path(self.file.path),
            bytes=self.file.bytes,
            sha256=self.file.sha256,
            remote_path=self.remote_path,
            temporary_path=self.remote_path if mode == "direct" else name.path(self.remote_path, self.number),
            leftover_paths=tuple(name.path(self.remote_path, number) for number in earlier),
            reached=self._describe_reached(),
            retrying=self.run.retrying,
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
            await asyncio.sleep(self.limits.progress)
            self.log.info("%s: %s", self.journal.doing, self.progress)


def _describe_before(before: dict[str, Any] | None, retrying: bool) -> str:
    if not before:
        return "the first"
    if before["state"] == "failed":
        return f"the one before failed: {before['last_error']}"
    if before["state"] == "uploading":
        return "the one before was cut off"
    return "it was delivered before, and is delivered again" if not retrying else "the one before delivered it"
