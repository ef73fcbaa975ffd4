"""How is a delivery file sent within its time limits, exactly once, and recorded?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any

from airflow.providers.sftp.operators.sftp import SFTPOperator
from airflow.sdk import RetryPolicy
from airflow.sdk.definitions.retry_policy import RetryDecision

from event_delivery.delivery import Delivery
from event_delivery.destination import Destination
from event_delivery.errors import DeliveryError, PermanentError, RetryableError
from event_delivery.ledger import Ledger, open_ledger
from event_delivery.retry import FIRST_DELAY_SECONDS, MAX_DELAY_SECONDS, RETRIES, attempt_of, retry_delay
from event_delivery.run_delivery import nightly_delivery_of_run, test_delivery_of_run
from event_delivery.server import Server, describe_server
from event_delivery.session import fingerprint, open_session
from event_delivery.staging import Manifest, read_manifest
from event_delivery.transfer import Transfer, transfer_file

TASK_SECONDS = 300.0
TRANSFER_SECONDS = 290.0  # leaves time to record why, before Airflow's own limit cuts in


class PromisedRetries(RetryPolicy):
    """Waits exactly as long as clients are promised, where Airflow's own back-off would add up to a third."""

    def evaluate(
        self, exception: BaseException, try_number: int, max_tries: int, context: Any = None
    ) -> RetryDecision:
        """Return the delay before the next attempt, counted from the last clear, and the reason for it."""
        delay = timedelta(seconds=retry_delay(max(1, attempt_of(try_number, max_tries))))
        return RetryDecision.retry(delay=delay, reason=_reason(exception))


class UploadOperator(SFTPOperator):
    """Sends a run's delivery file, of one event type or the test file, and keeps the ledger."""

    template_fields = ()  # a client's text would be executed as a template

    def __init__(self, *, destination: Destination, event: str | None, **kwargs: Any) -> None:
        super().__init__(
            ssh_conn_id=destination.connection,
            remote_filepath="",
            deferrable=False,
            retries=RETRIES,
            retry_delay=timedelta(seconds=FIRST_DELAY_SECONDS),
            retry_exponential_backoff=2,
            max_retry_delay=timedelta(seconds=MAX_DELAY_SECONDS),
            retry_policy=PromisedRetries(),
            execution_timeout=timedelta(seconds=TASK_SECONDS),
            **kwargs,
        )
        self.destination = destination
        self.event = event

    def execute(self, context: Any) -> dict[str, Any]:  # type: ignore[override]
        """Deliver; returns the file's name, remote path, rows, bytes, sha256 and the seconds it took."""
        delivery = (
            nightly_delivery_of_run(self.destination, self.event, context)
            if self.event
            else test_delivery_of_run(self.destination, context)
        )
        instance, run = context["ti"], context["dag_run"]
        retrying = attempt_of(instance.try_number, instance.max_tries) > 1
        return deliver_file(delivery, run.dag_id, run.run_id, retrying, self.log)


def deliver_file(delivery: Delivery, dag_id: str, run_id: str, retrying: bool, log: Any) -> dict[str, Any]:
    """Send a delivery file and record the attempt; `retrying` tells a retry from a redelivery.

    Raises:
        PermanentError, RetryableError: one sentence that says where it failed, why, and what to do.
    """
    started = time.monotonic()
    file = read_manifest(delivery, delivery.file_name)
    with open_ledger() as ledger:
        ledger.lock(delivery)
        before = ledger.read_delivery(delivery)
        attempt = ledger.begin_attempt(delivery, file, dag_id, run_id, retrying)
        try:
            server = describe_server(_read_connection(delivery.destination.connection), delivery.destination)
            remote_path = server.path(delivery.file_name)
            step = _step_before(before, file, remote_path)
            transfer = Transfer(Path(file.path), file.bytes, file.sha256, remote_path, attempt, step, retrying)
            log.info(
                "Sending %s (%d bytes) to %s, %s", delivery.file_name, file.bytes, server.address, remote_path
            )
            outcome = _run(_send(server, transfer, ledger, delivery, log), TRANSFER_SECONDS)
        except BaseException as error:
            ledger.record_failed(delivery, attempt, _reason(error))
            raise
        seconds = time.monotonic() - started
        ledger.record_delivered(delivery, attempt, remote_path, seconds)
    log.info("Delivered %s to %s, %s: %s", delivery.file_name, server.address, remote_path, outcome)
    log.info("%d events, %d bytes, %.1f s, %.2f MB/s", file.rows, file.bytes, seconds, file.bytes / 1e6 / seconds)
    return _describe(file, delivery.file_name, remote_path, seconds)


def _describe(file: Manifest, file_name: str, remote_path: str, seconds: float) -> dict[str, Any]:
    return {
        "file_name": file_name,
        "remote_path": remote_path,
        "rows": file.rows,
        "bytes": file.bytes,
        "sha256": file.sha256,
        "seconds": round(seconds, 3),
    }


async def _send(server: Server, transfer: Transfer, ledger: Ledger, delivery: Delivery, log: Any) -> str:
    def remember(public_key: str) -> None:
        seen = fingerprint(public_key)
        log.info("First contact with %s: its host key %s is accepted and remembered", server.address, seen)
        ledger.remember_host_key(server.host, server.port, public_key)

    def record(step: str) -> None:
        ledger.record_step(delivery, step, transfer.remote_path)

    remembered = ledger.host_key(server.host, server.port)
    async with open_session(server, remembered, remember) as sftp:
        return await transfer_file(sftp, transfer, record)


def _run(work: Coroutine[Any, Any, str], seconds: float) -> str:
    """Run to an end within the limit, whatever the server does; a hanging name look-up is left behind."""

    async def limited() -> str:
        async with asyncio.timeout(seconds):
            return await work

    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(limited())
    except TimeoutError:
        raise RetryableError(f"The transfer did not end within {seconds:.0f} s, its limit.") from None
    finally:
        _abandon_tasks(loop)
        loop.close()


def _abandon_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel what a failed transfer left under way; wait at most a second for it."""
    if tasks := asyncio.all_tasks(loop):
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.wait(tasks, timeout=1))


def _read_connection(connection_id: str) -> Any:
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        return Connection.get(connection_id)
    except AirflowNotFoundException:
        raise PermanentError(
            f"The Airflow Connection {connection_id!r} is not defined. Add it: airflow connections add "
            f"{connection_id} --conn-uri 'sftp://user:percent-encoded-password@host:port/path'"
        ) from None


def _step_before(before: dict[str, Any] | None, file: Manifest, remote_path: str) -> str | None:
    """Return how far the last attempt came with these very bytes to this very path."""
    if before and before["sha256"] == file.sha256 and before["remote_path"] == remote_path:
        return before["step"]
    return None


def _reason(error: BaseException) -> str:
    """Return a failure's sentence; a foreign exception's text may hold anything, so only its type shows."""
    if isinstance(error, DeliveryError):
        return str(error)
    if type(error).__name__ == "AirflowTaskTimeout":
        return f"The upload did not end within {TASK_SECONDS:.0f} s."
    return f"Unexpected {type(error).__name__}; the task's log shows where."
