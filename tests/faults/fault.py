"""Which fault strikes at which operation, and has it struck yet?"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase

import asyncssh

FOR_EVER = 1 << 30
STATUSES = {
    "permission denied": asyncssh.SFTPPermissionDenied,
    "failure": asyncssh.SFTPFailure,
    "no such file": asyncssh.SFTPNoSuchFile,
    "unsupported": asyncssh.SFTPOpUnsupported,
    "no space": asyncssh.SFTPNoSpaceOnFilesystem,
    "quota": asyncssh.SFTPQuotaExceeded,
    "file exists": asyncssh.SFTPFileAlreadyExists,
    "bad message": asyncssh.SFTPBadMessage,
    "no connection": asyncssh.SFTPNoConnection,
    "connection lost": asyncssh.SFTPConnectionLost,
    "invalid handle": asyncssh.SFTPInvalidHandle,
}
SIZES = {"size hidden": None, "size zero": 0, "size short": -1, "size long": +1}


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong.

    `at` is the name of an operation or of a step of the login, wildcards allowed, and `path` of the file's name.
    `what` is a status of STATUSES, a wrong answer of SIZES, or what happens to the line: `hang` (no answer any
    more), `late` (no answer, but done once the client has gone), `reset`, `end`, `disconnect`, `slow`,
    `disturbance` (the server waits while `meanwhile` happens elsewhere, then goes on); for the
    step `accept` also `silent`, `busy` and `http`, for `channel` and `subsystem` also `refuse`.
    `after` lets the operation take place first. `nth` counts occurrences, `byte` picks the write that holds it.
    """

    at: str
    what: str
    after: bool = False
    nth: int = 1
    times: int = 1
    byte: int | None = None
    path: str = "*"
    seconds: float = 0.0
    meanwhile: Callable[[], None] = lambda: None  # what happens elsewhere when the fault is a `disturbance`


class Script:
    """The faults in force, changed by tests at any time; tells tests when one struck."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self.set()

    def set(self, *faults: Fault) -> None:
        """Replace all faults; counting starts anew."""
        with self._lock:
            self._seen = [[fault, 0] for fault in faults]
            self.struck: list[Fault] = []

    def take(self, operation: str, name: str = "", span: tuple[int, int] = (0, 0)) -> Fault | None:
        """Return the fault that strikes at this operation on bytes [start, end) of a file."""
        with self._lock:
            for entry in self._seen:
                fault = entry[0]
                if not (fnmatchcase(operation, fault.at) and fnmatchcase(name, fault.path)):
                    continue
                if fault.byte is not None and not span[0] <= fault.byte < span[1]:
                    continue
                entry[1] += 1
                if fault.nth <= entry[1] < fault.nth + fault.times:
                    return fault
        return None

    def tell(self, fault: Fault) -> None:
        """Say that a fault has done its work, or hangs now."""
        with self._lock:
            self.struck.append(fault)
            self._lock.notify_all()

    def wait(self, seconds: float = 10.0) -> Fault:
        """Wait until a fault has struck; raises TimeoutError when none does."""
        with self._lock:
            if not self._lock.wait_for(lambda: self.struck, seconds):
                raise TimeoutError("no fault struck")
            return self.struck[0]
