"""At which steps of a delivery can something go wrong, and what can go wrong there?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from tests.faults.behaviour import Behaviour
from tests.faults.fault import SIZES, STATUSES, Fault
from tests.faults.night import BLOCK, BLOCKS, OLDER, PATIENCES, TWIN, Night
from tests.faults.page import DONE
from tests.faults.server import FaultyServer

ANSWERS = tuple(STATUSES)
FEW_ANSWERS = ("permission denied", "failure", "no such file")
WRITE_ANSWERS = ("permission denied", "failure", "no space", "quota")
BREAKS = ("reset", "end", "disconnect")
SILENCES = ("hang", "late")
TEMPORARY, FINAL = ".*.part", "[!.]*"
WORDS = {
    "permission denied": "“permission denied”",
    "failure": "“failure”",
    "no such file": "“no such file”",
    "unsupported": "“not supported”",
    "no space": "“no space left”",
    "quota": "“quota exceeded”",
    "file exists": "“file exists”",
    "bad message": "“bad message”",
    "no connection": "“no connection”",
    "connection lost": "“connection lost”",
    "invalid handle": "“invalid handle”",
    "reset": "the line is reset",
    "end": "the line ends without a word",
    "disconnect": "the server says good-bye",
    "hang": "the server falls silent",
    "late": "the server falls silent and does it once we are gone",
    "refuse": "the server refuses",
    "busy": "the server is too busy",
    "http": "another service answers",
    "silent": "the server accepts and says nothing",
    "size hidden": "the server hides the size",
    "size zero": "the server tells size 0",
    "size short": "the server tells a size too small",
    "size long": "the server tells a size too big",
}


@dataclass(frozen=True)
class Point:
    """One request of a delivery: its name, of which file, and what we are doing then, in plain words."""

    operation: str
    path: str
    words: str
    nth: int = 1
    absent: bool = False  # the file is not there, which is as it should be


@dataclass(frozen=True)
class Scenario:
    """A delivery at whose steps faults strike: to which kind of server, after which fate of an earlier try.

    `requests` is all that the delivery asks for, in order; `only` picks the operations where faults strike.
    """

    name: str
    requests: tuple[Point, ...]
    only: str = ""
    prelude: Fault | None = None
    behaviour: Behaviour = field(default_factory=Behaviour)
    fields: tuple[tuple[str, Any], ...] = ()
    older: bytes = b""
    full: bool = False
    every_write: bool = False
    atomic: bool = True

    def __str__(self) -> str:
        return self.name.replace(" ", "-")

    @property
    def points(self) -> tuple[Point, ...]:
        """The requests where faults strike, each with its number among those of its kind."""
        kinds = [(request.operation, request.path) for request in self.requests]
        numbered = [
            replace(request, nth=kinds[: at + 1].count(kinds[at])) for at, request in enumerate(self.requests)
        ]
        return tuple(point for point in numbered if not self.only or point.operation in self.only.split())


@dataclass(frozen=True)
class Case:
    """One fault at one point of one scenario."""

    scenario: Scenario
    point: Point
    fault: Fault

    def __str__(self) -> str:
        when = "after" if self.fault.after else "before"
        byte = "" if self.fault.byte is None else f"@{100 * self.fault.byte // (BLOCK * BLOCKS)}%"
        number = "" if self.point.nth == 1 else f"#{self.point.nth}"
        return f"{self.scenario}:{self.point.operation}{number}{byte}:{self.fault.what}:{when}".replace(" ", "-")

    @property
    def words(self) -> str:
        """The fault in plain words."""
        words = WORDS[self.fault.what]
        return words + DONE if self.fault.after else words


_LOOK = Point("stat", FINAL, "looking for the final file", absent=True)
_FOUND = Point("stat", FINAL, "looking for the final file")
_RESUME = Point("stat", TEMPORARY, "looking for the temporary file")
_LEFT = Point("remove", TEMPORARY, "removing what an earlier try left")
_OPEN = Point("open", TEMPORARY, "opening the temporary file")
_WRITE = Point("write", TEMPORARY, "writing")
_FLUSH = Point("fsync", TEMPORARY, "flushing to the disk")
_CLOSE = Point("close", TEMPORARY, "closing")
_SIZE = Point("stat", TEMPORARY, "checking the temporary file's size")
_RENAME = Point("posix_rename", FINAL, "renaming")
_PLAIN = Point("rename", FINAL, "renaming")
_VERIFY = Point("stat", FINAL, "checking the final file's size")
_GONE = Point("stat", TEMPORARY, "looking whether the temporary name is gone", absent=True)
_PROBE = Point("remove", TEMPORARY, "removing what should be gone", absent=True)
_AGAIN = Point("remove", TEMPORARY, "looking again for what an earlier try left")
_SEND = (_OPEN, _WRITE, _FLUSH, _CLOSE, _SIZE)
_READ_BACK = tuple(Point(operation, FINAL, "reading it back") for operation in ("open", "read", "close"))
_RESUMED = (_LOOK, _RESUME, _RENAME, _VERIFY, _GONE, _AGAIN)
_BY_PLAIN_RENAME = Behaviour(posix_rename=False)

SCENARIOS = (
    Scenario("a first try", (_LOOK, *_SEND, _RENAME, _VERIFY, _GONE), full=True, every_write=True),
    Scenario(
        "a try after a broken line",
        (_LOOK, _LEFT, *_SEND, _RENAME, _VERIFY, _GONE, _AGAIN),
        only="remove open close posix_rename",
        prelude=Fault("write", "reset", byte=BLOCK * BLOCKS // 2),
    ),
    Scenario(
        "a try after a lost answer to CLOSE", _RESUMED, prelude=Fault("close", "reset", after=True), full=True
    ),
    Scenario(
        "a try after a lost answer to rename",
        (_FOUND, replace(_RESUME, absent=True), *_READ_BACK),
        prelude=Fault("posix_rename", "reset", after=True),
        full=True,
    ),
    Scenario("a try after a lost request to rename", _RESUMED, prelude=Fault("posix_rename", "reset")),
    Scenario("a redelivery over an older file", (_FOUND, *_SEND, _RENAME, _VERIFY, _GONE), older=OLDER),
    Scenario(
        "a redelivery over an older file of as many bytes",
        (
            _FOUND,
            *_READ_BACK,
            *_SEND,
            _RENAME,
            _VERIFY,
            _GONE,
            *_READ_BACK,
        ),
        only="read close posix_rename",
        older=TWIN,
    ),
    Scenario(
        "the same after a lost request to rename",
        (_FOUND, _RESUME, _RENAME, _VERIFY, _GONE, _AGAIN),
        only="stat posix_rename",
        prelude=Fault("posix_rename", "reset"),
        older=TWIN,
    ),
    Scenario(
        "a server with plain rename",
        (_LOOK, *_SEND, _PLAIN, _VERIFY, _GONE),
        only="close stat rename",
        behaviour=_BY_PLAIN_RENAME,
    ),
    Scenario(
        "a redelivery on a server with plain rename",
        (
            _FOUND,
            *_SEND,
            _PLAIN,
            _VERIFY,  # asked for behind the rename, before its answer
            Point("stat", TEMPORARY, "looking whether it was renamed"),
            Point("stat", FINAL, "looking whether an older file lies there"),
            Point("remove", FINAL, "removing the older file"),
            Point("rename", FINAL, "renaming again"),
            _GONE,
            _VERIFY,
        ),
        only="close rename remove",
        behaviour=_BY_PLAIN_RENAME,
        older=OLDER,
        full=True,
    ),
    Scenario(
        "a drop box that shows nothing",
        (_LOOK, *_SEND, _RENAME, _VERIFY, _GONE, _PROBE),
        only="open write close posix_rename",
        behaviour=Behaviour(readable=False),
    ),
    Scenario(
        "a robot that takes the file at once",
        (_LOOK, *_SEND, _RENAME, replace(_VERIFY, absent=True), _GONE, replace(_VERIFY, absent=True)),
        only="open write close posix_rename stat",
        behaviour=Behaviour(robot=FINAL, robot_at=("rename",)),
        fields=(("robot", True),),
        full=True,
    ),
    Scenario(
        "writing under the final name directly",
        (
            _LOOK,
            Point("open", FINAL, "opening the final name"),
            Point("write", FINAL, "writing"),
            Point("fsync", FINAL, "flushing to the disk"),
            Point("close", FINAL, "closing"),
            _VERIFY,
        ),
        only="open write fsync close stat",
        fields=(("upload_mode", "direct"),),
        atomic=False,
    ),
)


def begin(server: FaultyServer, scenario: Scenario) -> Night:
    """Bring a delivery to where the scenario's try begins."""
    server.reset(scenario.behaviour)
    night = Night(server, dict(scenario.fields), older=scenario.older)
    if scenario.prelude:
        server.script.set(scenario.prelude)
        night.attempt()
        assert server.script.struck
    return night


def play(server: FaultyServer, case: Case, go_on: Callable[[Night], object]) -> tuple[Night, int]:
    """Let a fault strike, and go on, all of it watched; returns the night, and which attempt was hit.

    Where a short limit ended the try before the fault could strike, all begins anew with more patience.
    """
    for patience in PATIENCES:
        night = begin(server, case.scenario)
        with night.watched(case.scenario.atomic):
            hit = night.strike(case.fault, patience)
            if hit is not None:
                go_on(night)
                return night, hit
    raise AssertionError(f"never struck: {case}")


def is_undecidable(case: Case) -> bool:
    """Say whether nobody can tell a renamed file, taken at once, from a temporary file that somebody took.

    Nor can one where the server shows nothing and says that it does not find what it is to rename.
    """
    if "rename" not in case.point.operation:
        return False
    behaviour = case.scenario.behaviour
    lie = case.fault.after and case.fault.what in ("no such file", "unsupported")
    return (lie and bool(behaviour.robot)) or (not behaviour.readable and case.fault.what == "no such file")


def cases(scenario: Scenario) -> Iterator[Case]:
    """Return every fault at every point of a scenario."""
    for point in scenario.points:
        full = scenario.every_write if point.operation == "write" else scenario.full
        for fault in _faults(point, full):
            yield Case(scenario, point, fault)


def _faults(point: Point, full: bool) -> Iterator[Fault]:
    at = {"at": point.operation, "path": point.path, "nth": point.nth}
    if point.operation == "write":
        yield from _write_faults(at, full)
        return
    for what in ANSWERS if full else FEW_ANSWERS:
        yield Fault(what=what, **at)
        yield Fault(what=what, after=True, **at)
    for what in BREAKS if full else BREAKS[:1]:
        yield Fault(what=what, **at)
        yield Fault(what=what, after=True, **at)
    yield Fault(what="hang", after=True, **at)
    yield Fault(what="late", **at)
    if full:
        yield Fault(what="hang", **at)
    if point.operation == "stat" and full and not point.absent:
        for what in SIZES:
            yield Fault(what=what, **at)


def _write_faults(at: dict[str, Any], full: bool) -> Iterator[Fault]:
    """Cut the line at each 5 % of the bytes; answer errors and fall silent at the start, the middle, the end."""
    total = BLOCK * BLOCKS
    for percent in range(0, 100, 5) if full else (0, 50, 95):
        for what in BREAKS[:2]:
            yield Fault(what=what, byte=total * percent // 100, **at)
            yield Fault(what=what, byte=total * percent // 100, after=True, **at)
    for percent in (0, 50, 95) if full else (50,):
        for what in (*WRITE_ANSWERS, "hang", "late"):
            yield Fault(what=what, byte=total * percent // 100, **at)
        yield Fault(what="permission denied", byte=total * percent // 100, after=True, **at)
