"""Does a companion follow its file, and never come first, whatever goes wrong at whichever of its steps?"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from event_delivery.staging import stage_file, write_manifest
from event_delivery.upload import deliver_file
from tests.faults.behaviour import Behaviour
from tests.faults.fault import Fault
from tests.faults.night import CONTENT, TRIES, Night

pytestmark = pytest.mark.slow
STEPS = ("open", "write", "close", "*rename", "*stat", "remove")
ENDING = ".sha256"


def checksum(night: Night) -> bytes:
    return f"{hashlib.sha256(CONTENT).hexdigest()}  {night.name}\n".encode()


@contextmanager
def observed(night: Night, look: Callable[[], None]) -> Iterator[None]:
    """Look at each operation of the server."""
    night.server.observe = look
    try:
        yield
    finally:
        night.server.observe = lambda: None


@contextmanager
def never_first(night: Night) -> Iterator[None]:
    """Look at every operation of the server: a companion stands only beside its whole file."""
    wrong: list[str] = []

    def look() -> None:
        final, companion = night.folder / night.name, night.folder / f"{night.name}{ENDING}"
        if companion.exists() and not (final.exists() and final.read_bytes() == CONTENT):
            wrong.append("the companion stands without its file")
        if companion.exists() and companion.read_bytes() != checksum(night):
            wrong.append("the companion is not whole")

    with observed(night, look):
        yield
    assert wrong == []


def retry(night: Night) -> None:
    while night.attempts[-1].error and len(night.attempts) < TRIES:
        night.attempt()
    assert night.attempts[-1].error is None


def check(night: Night) -> None:
    """One file, one companion, nothing else; the ledger says so."""
    assert night.server.files() == {night.name: CONTENT, f"{night.name}{ENDING}": checksum(night)}
    assert (night.record()["state"], night.record()["attempts"]) == ("delivered", len(night.attempts))


def test_a_companion_follows_its_file(faulty_server):
    """The server sees the file's final name before it hears of the companion."""
    night = Night(faulty_server, {"companion": "checksum"})
    with never_first(night):
        assert night.attempt().error is None
    check(night)
    assert night.attempts[0].connections == 1


@pytest.mark.parametrize("moment", ["before", "after", "late"])
@pytest.mark.parametrize("step", STEPS)
def test_a_kill_at_a_companions_step_leads_to_one_file_and_one_companion(faulty_server, step, moment):
    """The file is not sent again, and its companion is whole."""
    night = Night(faulty_server, {"companion": "checksum"})
    with never_first(night):
        night.kill(Fault(step, "late" if moment == "late" else "hang", moment == "after", path=f"*{ENDING}*"))
        retry(night)
    check(night)
    assert len(night.attempts) == 2


@pytest.mark.parametrize("what", ["permission denied", "failure", "reset", "no space"])
@pytest.mark.parametrize("step", ["open", "write", "close", "*rename"])
def test_a_fault_at_a_companions_step_leads_to_one_file_and_one_companion(faulty_server, step, what):
    """Until the companion is there, the delivery is not delivered."""
    night = Night(faulty_server, {"companion": "checksum"})
    with never_first(night):
        night.strike(Fault(step, what, path=f"*{ENDING}*"))
        retry(night)
    check(night)


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", ["open", "close", "*rename"])
def test_a_robot_gets_file_and_companion_once_each(faulty_server, step, moment):
    """What it took is not sent again when the worker dies behind it."""
    faulty_server.reset(Behaviour(robot="course*", robot_at=("rename",)))
    night = Night(faulty_server, {"companion": "checksum", "robot": True})
    night.kill(Fault(step, "hang", moment == "after", path=f"*{ENDING}*"))
    retry(night)
    assert faulty_server.files() == {}
    assert faulty_server.copies() == [CONTENT, checksum(night)]
    assert night.record()["state"] == "delivered"


def test_a_companion_that_is_taken_by_nobody_known_is_unconfirmed(faulty_server):
    """The file is there, and a person decides of the companion."""
    faulty_server.reset(Behaviour(robot=f"course*{ENDING}", robot_at=("rename",)))
    night = Night(faulty_server, {"companion": "checksum"})
    assert "robot" in str(night.attempt().error)
    assert night.record()["state"] == "unconfirmed"
    night.decision = "robot"
    assert night.attempt().error is None
    assert faulty_server.copies() == [checksum(night)]
    assert faulty_server.files() == {night.name: CONTENT}


def begin_again(night: Night, companion: str) -> None:
    """Deliver other events of the day, then stage the night's with, in the YAML, another companion."""
    _stage(night, CONTENT[::-1])
    deliver_file(night.delivery, night.run_again("earlier"), logging.getLogger("task"))
    _stage(night, CONTENT)
    edited = night.delivery.destination.model_copy(update={"companion": companion})
    night.delivery = replace(night.delivery, destination=edited)


def _stage(night: Night, content: bytes) -> None:
    with stage_file(night.delivery, night.name) as file:
        file.write(content)
    write_manifest(night.delivery, night.name, file.manifest(rows=3))


@contextmanager
def never_belied(night: Night) -> Iterator[None]:
    """Look at every operation of the server: a checksum stands only beside the file that it is of."""
    wrong: list[str] = []

    def look() -> None:
        final, companion = night.folder / night.name, night.folder / f"{night.name}{ENDING}"
        told = companion.read_bytes().split()[0].decode() if companion.exists() else None
        if told and told != hashlib.sha256(final.read_bytes()).hexdigest():
            wrong.append("the checksum is another file's")

    with observed(night, look):
        yield
    assert wrong == []


@pytest.mark.parametrize("now", ["none", "done", "checksum"])
@pytest.mark.parametrize("moment", ["before", "after", "late"])
@pytest.mark.parametrize("step", ["write", "remove", "*rename"])
def test_a_day_that_is_sent_again_is_never_belied(faulty_server, step, moment, now):
    """Its older companion leaves before it comes, whatever follows now, and wherever the worker dies."""
    night = Night(faulty_server, {"companion": "checksum"})
    begin_again(night, now)
    with never_belied(night):
        path = f"*{ENDING}" if step == "remove" else "*.json*"
        night.kill(Fault(step, "late" if moment == "late" else "hang", moment == "after", path=path))
        while night.attempts[-1].error and len(night.attempts) < TRIES:
            night.attempt()
    follows = {"none": {}, "done": {".done": b""}, "checksum": {ENDING: checksum(night)}}[now]
    assert faulty_server.files() == {night.name: CONTENT} | {
        night.name + end: told for end, told in follows.items()
    }
    assert night.record()["state"] == "delivered"


def test_a_day_that_fails_to_come_again_leaves_the_older_one_whole(faulty_server):
    """Until the new file is about to take the name, file and companion stand as they were."""
    night = Night(faulty_server, {"companion": "checksum"})
    begin_again(night, "checksum")
    before = faulty_server.files()
    faulty_server.script.set(Fault("write", "no space"))
    assert night.attempt().error
    assert faulty_server.files() == before
