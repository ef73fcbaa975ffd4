"""Do the real limits hold: a connection within 61 s, an attempt within 315 s, whatever stalls?"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from event_delivery.errors import DeliveryError
from event_delivery.upload import UploadRun, deliver_file
from tests.faults.fault import FOR_EVER, Fault
from tests.faults.night import BLOCK, BLOCKS, Attempt, Night, connect
from tests.faults.proxy import Hitch, Proxy
from tests.faults.server import FaultyServer

HALF = BLOCK * BLOCKS // 2
CONNECT_SECONDS, ATTEMPT_SECONDS = 61, 315


@dataclass(frozen=True)
class Stall:
    """A server or a line that stops, or goes on so slowly that it never ends."""

    name: str
    seconds: int
    fault: Fault | None = None
    hitch: Hitch | None = None
    silent: bool = False
    full: bool = False


STALLS = [
    Stall("accepts and says nothing", CONNECT_SECONDS, silent=True),
    Stall("does not accept: its queue is full", CONNECT_SECONDS, full=True),
    *(
        Stall(f"silent at {step}", CONNECT_SECONDS, Fault(step, "hang"))
        for step in ("kexinit", "key exchange", "login refusal", "login", "channel", "subsystem", "sftp version")
    ),
    Stall("a byte every second from the start", CONNECT_SECONDS, hitch=Hitch("trickle", 0, "down", 1.0)),
    Stall("a byte every second in the key exchange", CONNECT_SECONDS, hitch=Hitch("trickle", 500, "up", 1.0)),
    *(
        Stall(f"silent at {operation}", ATTEMPT_SECONDS, Fault(operation, "hang", path="*.part"))
        for operation in ("open", "write", "fsync", "close", "stat")
    ),
    Stall("silent at rename", ATTEMPT_SECONDS, Fault("posix_rename", "hang")),
    Stall("silent at the final look", ATTEMPT_SECONDS, Fault("stat", "hang", nth=2, path="[!.]*")),
    Stall("every write takes 150 s", ATTEMPT_SECONDS, Fault("write", "slow", times=FOR_EVER, seconds=150)),
    Stall("the line freezes half-way", ATTEMPT_SECONDS, hitch=Hitch("freeze", HALF)),
    Stall("nothing goes up from half-way", ATTEMPT_SECONDS, hitch=Hitch("stall", HALF)),
    Stall("no answer comes down half-way", ATTEMPT_SECONDS, hitch=Hitch("stall", 4500, "down")),
    Stall("a byte every second from half-way", ATTEMPT_SECONDS, hitch=Hitch("trickle", HALF, "up", 1.0)),
]


@dataclass
class Running:
    """One stalled attempt in a process of its own, which tells how it ended."""

    stall: Stall
    night: Night
    proxy: Proxy
    process: int = 0
    result: dict = field(default_factory=dict)

    def start(self, folder: Path) -> None:
        """Fork."""
        self._file = folder / f"{self.night.identifier}.json"
        started = time.monotonic()
        self.process = os.fork()
        if self.process:
            return
        error = "a success"
        try:
            deliver_file(self.night.delivery, UploadRun("dag", "run"), _Silent())
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
def running(faults_ledger, tmp_path) -> Iterator[list[Running]]:
    """All the stalls at once, each against a server of its own."""
    with contextlib.ExitStack() as stack:
        attempts = []
        for number, stall in enumerate(STALLS):
            server = stack.enter_context(FaultyServer(tmp_path / f"server{number}"))
            target = stack.enter_context(_full_port()) if stall.full else server.port
            proxy = stack.enter_context(Proxy(target))
            with pytest.MonkeyPatch.context() as patch:
                connect(patch, target if stall.full else proxy.port)
                night = Night(server)
                if stall.fault:
                    server.script.set(stall.fault)
                if not stall.full:
                    proxy.set(*([stall.hitch] if stall.hitch else []), silent=stall.silent)
                attempts.append(Running(stall, night, proxy))
                attempts[-1].start(tmp_path)
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
def test_every_stall_ends_within_the_promised_limits(running, monkeypatch):
    """Connections end by 61 s, attempts by 315 s, all with a sentence; the next try of each delivers."""
    deadline = time.monotonic() + ATTEMPT_SECONDS + 5
    for each in running:
        each.finish(deadline)
    late = [(r.stall.name, r.result) for r in running if r.result["seconds"] > r.stall.seconds]
    assert not late
    wrong = [(r.stall.name, r.result["error"]) for r in running if not r.result["error"].startswith("127.0.0.1:")]
    assert not wrong
    for each in running:
        each.proxy.set()
        each.night.server.script.set()
        each.night.server.settle()
        connect(monkeypatch, each.night.server.port)
        each.night.attempts.append(Attempt(DeliveryError(each.result["error"]), 0, 1, 1, []))
        each.night.retry()
        print(f"{each.result['seconds']:6.1f} s  {each.stall.name}: {each.result['error']}")  # noqa: T201
