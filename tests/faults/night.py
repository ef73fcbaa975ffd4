"""How does one delivery go through a night of up to eleven tries, and which promises were kept?"""

from __future__ import annotations

import hashlib
import itertools
import json
import logging
import os
import re
import signal
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest

from event_delivery.delivery import Delivery, delivery_of_test_file, nightly_delivery
from event_delivery.destinations.destination import Destination
from event_delivery.destinations.file_name import name_part
from event_delivery.errors import DeliveryError
from event_delivery.limits import Limits
from event_delivery.orchestration.names import dag_id_of_test_file
from event_delivery.staging import stage_file, write_manifest
from event_delivery.upload import UnconfirmedError, UploadRun, deliver_file
from tests.faults.behaviour import SIGNATURE
from tests.faults.fault import Fault
from tests.faults.files import Operation
from tests.faults.server import FaultyServer
from tests.faults.watcher import Watcher
from tests.ledger_contents import RecordedAttempt, connect_ledger, count_locks, read_attempts, read_record
from tests.sftp_logins import PASSWORD

TRIES = 11
BLOCK = 32_768
BLOCKS = 20  # a write is 5 % of the file
CONTENT = b"".join(b"%07d\n" % line for line in range(BLOCKS * BLOCK // 8))
OLDER = b"older" * 1000
TWIN = CONTENT[::-1]  # an older file of as many bytes
CONNECTION = "sftp_faults"
LIMITS = Limits(connect=30.0, transfer=30.0, clean_up=0.3, rename_pauses=(0.01, 0.02))
SHORT_LIMITS = replace(LIMITS, connect=0.4, transfer=0.9)
SHORT_CONNECT = replace(LIMITS, connect=0.4)  # that of the whole transfer, which began before, is not to end first
SILENT = ("hang", "late", "silent")
PATIENCES = (1, 3, 9, 27)  # times the short limits
_numbers = itertools.count()
_log = logging.getLogger("task")


@dataclass(frozen=True)
class Attempt:
    """One try: its failure if it failed, and what the server saw of it."""

    error: DeliveryError | None
    seconds: float
    connections: int
    passwords: int
    operations: list[Operation]

    @property
    def names(self) -> list[str]:
        """What the server was asked for, the writes as one."""
        return [name for name, _ in itertools.groupby(operation.name for operation in self.operations)]


class KilledError(DeliveryError):
    """The worker process was killed; there is no sentence of it in the ledger."""


@dataclass
class Night:
    """One delivery to the faulty server; `fields` are those of the destination's YAML."""

    server: FaultyServer
    fields: dict[str, Any] = field(default_factory=dict)
    older: bytes = b""
    test_file: bool = False
    robot: bool = False
    identifier: str = ""
    decision: str | None = None  # a person's, of an unconfirmed delivery
    minute: int = 0  # of a test file: each has a moment of its own
    parts: tuple[bytes, ...] = ()  # of a split file, in place of CONTENT
    attempts: list[Attempt] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.identifier = self.identifier or f"case{next(_numbers)}"
        company = str(uuid.uuid5(uuid.NAMESPACE_DNS, self.identifier))  # its own: all deliver into one folder
        required = {"client": "Acme", "company_id": company}
        fields = {"connection": CONNECTION} | required | self.fields
        destination = Destination.model_validate(fields | {"id": self.identifier})
        self.delivery = _delivery(destination, self.test_file, self.minute)
        self.stage(*(self.parts or (CONTENT,)))
        self.folder = self.server.folder / (destination.path or "").lstrip("/")
        if self.older:
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / self.name).write_bytes(self.older)

    def stage(self, *parts: bytes) -> None:
        """Make a delivery file of these bytes; of the parts where it is split."""
        told = {
            "parts": [(1, len(each), hashlib.sha256(each).hexdigest()) for each in parts],
            "part_tail": "-part",
        }
        is_split, self.parts = bool(self.delivery.destination.split), parts
        with stage_file(self.delivery, self.name) as file:
            file.write(b"".join(parts))
        manifest = file.manifest(len(parts), **(told if is_split else {}))
        write_manifest(self.delivery, self.name, manifest)

    @property
    def part_names(self) -> list[str]:
        """The final names of the parts."""
        return [name_part(self.name, "-part", number) for number, _ in enumerate(self.parts, 1)]

    @property
    def name(self) -> str:
        """The final name."""
        return self.delivery.file_name

    def record(self) -> dict[str, Any] | None:
        """Return the delivery's record."""
        return read_record(self.delivery)

    def recorded_attempts(self) -> list[RecordedAttempt]:
        """Return the delivery's attempts in the ledger."""
        with connect_ledger() as ledger:
            return read_attempts(ledger, self.identifier)

    @contextmanager
    def watched(self, atomic: bool = True) -> Iterator[Watcher]:
        """Watch the final name; at the end nothing but whole files may have been seen."""
        expected = (CONTENT, self.older) if self.older else (CONTENT,)
        with Watcher(self.folder, self.name, *expected, pause=0.005) as watcher:
            self.server.observe = watcher.look
            try:
                yield watcher
            finally:
                self.server.observe = lambda: None
        if atomic:
            assert [len(content) for content in watcher.wrong] == [], "partial content under the final name"

    def attempt(self, limits: Limits = LIMITS, recorded: bool = True) -> Attempt:
        """Try once, within these limits, and hold what every try must keep.

        Not `recorded`: the ledger cannot be written, so that it knows no more of this try than of a killed one.
        """
        operations, logins, before = len(self.server.operations), len(self.server.logins), self.server.connections
        started, error = time.monotonic(), None
        try:
            with alarm(limits.transfer + 8.0):
                deliver_file(self.delivery, self._run(), _log, limits)
        except DeliveryError as failure:
            error = failure
        seconds = time.monotonic() - started
        self.server.settle()
        seen = [operation for operation in self.server.operations[operations:] if operation.connection > before]
        attempt = Attempt(error, seconds, self.server.connections - before, len(self.server.logins) - logins, seen)
        if error and not recorded:
            self.attempts.append(replace(attempt, error=KilledError(str(error))))
            return attempt
        self.attempts.append(attempt)
        self._check(attempt)
        return attempt

    def strike(self, fault: Fault, patience: int = 1, short: Limits = SHORT_LIMITS) -> int | None:
        """Try while a fault is in force; returns which attempt it hit.

        What falls silent gets a short time, `patience` times: on a busy machine the limit may end
        a try before the fault could strike, and nothing is returned.
        """
        self.server.script.set(fault)
        limits = replace(short, connect=patience * short.connect, transfer=patience * short.transfer)
        self.attempt(limits if fault.what in SILENT else LIMITS)
        struck = self.server.script.struck
        self.server.script.set()
        return len(self.attempts) - 1 if struck else None

    def kill(self, fault: Fault) -> None:
        """Let a process of its own try, and kill it at the moment when the server falls silent."""
        self.server.script.set(fault)
        process = os.fork()
        if not process:
            try:
                deliver_file(self.delivery, self._run(), _log)
            finally:
                os._exit(0)
        try:
            self.server.script.wait()
        finally:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
            self.server.script.set()
            self.server.settle()
        wait_for_lock()
        self.attempts.append(Attempt(KilledError(), 0.0, 1, 0, []))

    def run_again(self, run_id: str = "run") -> UploadRun:
        """Return the run that was cleared, or another that was triggered, with the person's decision."""
        return replace(self._run(), run_id=run_id, retrying=False)

    def _run(self) -> UploadRun:
        dag, retrying = dag_id_of_test_file(self.identifier), bool(self.attempts)
        return UploadRun("dag", "run", retrying, test_file_dag=dag, decision=self.decision)

    def retry(self) -> list[Attempt]:
        """Try again until a try succeeds, eleven tries in all; it must succeed."""
        while self.attempts[-1].error and len(self.attempts) < TRIES:
            self.attempt()
        assert self.attempts[-1].error is None, f"still failing after {len(self.attempts)} tries"
        self.check_delivered()
        return self.attempts

    def check_delivered(self) -> None:
        """Hold what must be so after a success: one right file, nothing else, no second copy, a true ledger."""
        files, copies = self.server.files(), self.server.copies()
        final = str((self.folder / self.name).relative_to(self.server.folder))
        if not self.server.behaviour.readable:  # what it does not let us remove, stays
            files = {path: content for path, content in files.items() if not path.endswith(".part")}
        assert set(files) <= {final}, f"left behind: {sorted(set(files) - {final})}"
        assert len(files) + len(copies) == 1, f"{len(files)} files and {len(copies)} copies"
        assert [*files.values(), *copies] == [CONTENT]
        record = self.record()
        assert (record["state"], record["attempts"]) == ("delivered", len(self.attempts))
        assert record["last_error"] is None
        lived = [attempt for attempt in self.attempts if not isinstance(attempt.error, KilledError)]
        recorded = self.recorded_attempts()
        assert [attempt.error for attempt in recorded if attempt.ended] == [
            str(attempt.error) if attempt.error else None for attempt in lived
        ]
        assert all(attempt.error is None for attempt in recorded if not attempt.ended)

    def check_truth(self) -> None:
        """Compare the ledger with what the client has: `delivered` means the whole file, under its name."""
        final = self.folder / self.name
        if self.record()["state"] == "delivered" and self.delivery.destination.split:
            here = [*self.server.files().values(), *self.server.copies()]
            assert all(part in here for part in self.parts), "a false success: a part is missing"
            assert b"}\n" in {content[-2:] for content in here}, "a false success: the manifest is missing"
        elif self.record()["state"] == "delivered":
            content = b"".join(self.parts)
            whole = content + SIGNATURE if self.server.behaviour.rewrites else content
            here = final.exists() and final.read_bytes() == whole
            taken = (
                any(name.endswith(self.name) for name in self.server.taken_names())
                and content in self.server.copies()
            )
            assert here or taken, "a false success: the ledger says delivered, and the client has nothing"

    def _check(self, attempt: Attempt) -> None:
        assert attempt.passwords <= 1, f"{attempt.passwords} passwords in one try"
        self.check_truth()
        if attempt.error is None:
            return
        record = self.record()
        state = "unconfirmed" if isinstance(attempt.error, UnconfirmedError) else "failed"
        assert (record["state"], record["last_error"]) == (state, str(attempt.error))
        assert re.match(r"127\.0\.0\.1:\d+, [^:]+: \w.*[.']$", str(attempt.error)), str(attempt.error)
        assert PASSWORD.strip() not in str(attempt.error)
        is_one = not (self.test_file or self.delivery.destination.split)
        assert len(self.server.copies()) <= 1 or not is_one, "a second copy was taken"


@contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """End what outlives its own limit, as Airflow's would, so that the tests go on."""

    def ring(*_: object) -> None:
        raise AssertionError("the attempt outlived its limit")

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def connect(
    patch: pytest.MonkeyPatch, server: FaultyServer, port: int | None = None, password: str = PASSWORD
) -> None:
    """Let `sftp_faults` be a server whose host key was confirmed, behind a proxy where another port is given."""
    fields = {"conn_type": "sftp", "host": "127.0.0.1", "port": port or server.port, "login": server.user}
    secrets = {"password": password, "extra": {"host_key": server.host_keys()}}
    patch.setenv(f"AIRFLOW_CONN_{CONNECTION.upper()}", json.dumps(fields | secrets))


def wait_for_lock() -> None:
    """Wait until the database has noticed that a killed process holds its delivery no more."""
    with connect_ledger() as ledger:
        while count_locks(ledger):
            time.sleep(0.002)


def _delivery(destination: Destination, test_file: bool, minute: int) -> Delivery:
    if test_file:
        from datetime import UTC, datetime

        return delivery_of_test_file(destination, "courseCompletion", datetime(2026, 3, 10, 6, minute, tzinfo=UTC))
    return nightly_delivery(destination, "courseCompletion", destination.day(date(2026, 3, 9)))
