"""Do the limits hold, whatever stalls: of a connection 60 s and a little, of an attempt 300 s and a little?"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from event_delivery.errors import DeliveryError
from event_delivery.limits import Limits
from event_delivery.upload import UploadRun, deliver_file
from tests.faults.fault import FOR_EVER, Fault
from tests.faults.night import BLOCK, BLOCKS, Attempt, Night, connect
from tests.faults.proxy import Hitch, Proxy
from tests.faults.server import FaultyServer

HALF = BLOCK * BLOCKS // 2
HALF_OF_IT = 0.5  # of the seconds that a transfer may take
CONNECTING, DELIVERING = "connecting", "delivering"
REAL_LIMITS = Limits()
SHORT_LIMITS = Limits(connect=3.0, transfer=6.0, clean_up=1.0, grace=2.0)


@dataclass(frozen=True)
class Promise:
    """Limits, and by when a connection and an attempt that keep them have ended, in seconds."""

    limits: Limits
    connecting: float
    delivering: float

    def __str__(self) -> str:
        return f"{self.limits.connect:.0f}s"


REAL = Promise(REAL_LIMITS, connecting=66, delivering=315)  # a busy machine begins and notices some seconds later
SHORT = Promise(SHORT_LIMITS, connecting=6, delivering=14)


@dataclass(frozen=True)
class Stall:
    """A server or a line that stops, or goes on so slowly that it never ends."""

    name: str
    within: str
    fault: Fault | None = None
    hitch: Hitch | None = None
    silent: bool = False
    full: bool = False


STALLS = [
    Stall("accepts and says nothing", CONNECTING, silent=True),
    Stall("does not accept: its queue is full", CONNECTING, full=True),
    *(
        Stall(f"silent at {step}", CONNECTING, Fault(step, "hang"))
        for step in ("kexinit", "key exchange", "login refusal", "login", "channel", "subsystem", "sftp version")
    ),
    Stall("a byte every second from the start", CONNECTING, hitch=Hitch("trickle", 0, "down", 1.0)),
    Stall("a byte every second in the key exchange", CONNECTING, hitch=Hitch("trickle", 500, "up", 1.0)),
    *(
        Stall(f"silent at {operation}", DELIVERING, Fault(operation, "hang", path="*.part"))
        for operation in ("open", "write", "fsync", "close", "stat")
    ),
    Stall("silent at rename", DELIVERING, Fault("posix_rename", "hang")),
    Stall("silent at the final look", DELIVERING, Fault("stat", "hang", nth=2, path="[!.]*")),
    Stall(
        "every write takes half of the limit",
        DELIVERING,
        Fault("write", "slow", times=FOR_EVER, seconds=HALF_OF_IT),
    ),
    Stall("the line freezes half-way", DELIVERING, hitch=Hitch("freeze", HALF)),
    Stall("nothing goes up from half-way", DELIVERING, hitch=Hitch("stall", HALF)),
    Stall("no answer comes down half-way", DELIVERING, hitch=Hitch("stall", 4500, "down")),
    Stall("a byte every second from half-way", DELIVERING, hitch=Hitch("trickle", HALF, "up", 1.0)),
]


@dataclass
class Running:
    """One stalled attempt in a process of its own, which tells how it ended."""

    stall: Stall
    night: Night
    proxy: Proxy
    process: int = 0
    result: dict = field(default_factory=dict)

    def start(self, folder: Path, limits: Limits) -> None:
        """Fork."""
        self._file = folder / f"{self.night.identifier}.json"
        started = time.monotonic()
        self.process = os.fork()
        if self.process:
            return
        error = "a success"
        try:
            deliver_file(self.night.delivery, UploadRun("dag", "run"), _Silent(), limits)
        except DeliveryError as failure:
            error = str(failure)
        finally:
            self._file.write_text(json.dumps({"seconds": time.monotonic() - started, "error": error}))
            os._exit(0)

    def finish(self, deadline: float) -> None:
        """Wait for the end; what has not ended at the deadline is killed."""
        while time.monotonic() < deadline:
            if os.waitpid(self.process, os.WNOHANG)[0]:
                self.result = json.loads(self._file.read_text())
                return
            time.sleep(0.2)
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        self.result = {"seconds": float("inf"), "error": "never ended"}


class _Silent:
    def __getattr__(self, _: str) -> Callable[..., None]:
        return lambda *_, **__: None


@pytest.fixture
def running(promise, faults_ledger, tmp_path) -> Iterator[list[Running]]:
    """All the stalls at once, each against a server of its own."""
    with contextlib.ExitStack() as stack:
        attempts = []
        for number, stall in enumerate(STALLS):
            server = stack.enter_context(FaultyServer(tmp_path / f"server{number}"))
            target = stack.enter_context(_full_port()) if stall.full else server.port
            proxy = stack.enter_context(Proxy(target))
            with pytest.MonkeyPatch.context() as patch:
                connect(patch, server, target if stall.full else proxy.port)
                night = Night(server)
                if stall.fault:
                    seconds = stall.fault.seconds * promise.limits.transfer
                    server.script.set(replace(stall.fault, seconds=seconds))
                if not stall.full:
                    proxy.set(*([stall.hitch] if stall.hitch else []), silent=stall.silent)
                attempts.append(Running(stall, night, proxy))
                attempts[-1].start(tmp_path, promise.limits)
        yield attempts


@contextlib.contextmanager
def _full_port() -> Iterator[int]:
    """A port whose queue of connections is full: the system drops further ones without a word."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(8):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


@pytest.mark.slow
@pytest.mark.matrix(lambda test: test)  # the first: the real limits take more than five minutes
@pytest.mark.parametrize("promise", [SHORT, REAL], ids=str)
def test_every_stall_ends_within_the_promised_limits(promise, running, monkeypatch):
    """Connections end at 60 s, attempts by 315 s, all with a sentence; the next try of each delivers."""
    deadline = time.monotonic() + promise.delivering + 5
    for each in running:
        each.finish(deadline)
    late = [(r.stall.name, r.result) for r in running if r.result["seconds"] > getattr(promise, r.stall.within)]
    assert not late
    wrong = [(r.stall.name, r.result["error"]) for r in running if not r.result["error"].startswith("127.0.0.1:")]
    assert not wrong
    for each in running:
        each.proxy.set()
        each.night.server.script.set()
        each.night.server.settle()
        connect(monkeypatch, each.night.server)
        each.night.attempts.append(Attempt(DeliveryError(each.result["error"]), 0, 1, 1, []))
        each.night.retry()
        print(f"{each.result['seconds']:6.1f} s  {each.stall.name}: {each.result['error']}")  # noqa: T201
