"""Do a split file's parts come whole and once each, its manifest last, whatever goes wrong at whichever step?"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from event_delivery.destinations.split import Split
from event_delivery.upload import deliver_file
from tests.faults.behaviour import Behaviour
from tests.faults.fault import Fault
from tests.faults.night import CONTENT, TRIES, Night

pytestmark = pytest.mark.slow
PARTS = (CONTENT[:70_000], CONTENT[70_000:100_000], CONTENT[100_000:140_000])
OLDER = (CONTENT[5:50_005], PARTS[1], CONTENT[9:40_009], CONTENT[3:4_003], CONTENT[:1_000])
STEPS = ("open", "write", "close", "*rename", "*stat", "remove")
MOMENTS = ("before", "after", "late")
MANIFEST = ".manifest.json"
PLACES = ("part0001", "part0003", "manifest.json")
SPLIT = {"companion": "manifest", "split": {"rows": 1}}
# Written directly, nothing is renamed; where nothing lay before, what is removed is the manifest.
FIRST = [
    (place, step, direct)
    for place in PLACES
    for step in STEPS
    for direct in (False, True)
    if not (direct and step in ("*rename", "remove")) and (step != "remove" or place == "manifest.json")
]
AGAIN = [
    (place, step, direct)
    for place in ("part0001", "part0004", "part0005", "manifest.json")
    for step in ("open", "write", "remove", "*rename")
    for direct in (False, True)
    if not (direct and step == "*rename")
    and (place == "manifest.json" or (step == "remove") == (place > "part0003"))
]


def begin(faulty_server, **fields) -> Night:
    return Night(faulty_server, SPLIT | fields, parts=PARTS)


def fault(step: str, moment: str, path: str) -> Fault:
    return Fault(step, "late" if moment == "late" else "hang", moment == "after", path=path)


def read_manifest(night: Night) -> list[dict[str, str]]:
    """Return the parts that the manifest names; none where it is not there, or written directly and not whole."""
    try:
        return json.loads((night.folder / f"{night.name}{MANIFEST}").read_bytes())["parts"]
    except (FileNotFoundError, ValueError):
        return []


@contextmanager
def never_belied(night: Night) -> Iterator[None]:
    """Look at every operation of the server: a manifest stands only beside all the parts that it names."""
    wrong: list[str] = []

    def look() -> None:
        for part in read_manifest(night):
            there = night.folder / part["file"]
            if not there.exists() or hashlib.sha256(there.read_bytes()).hexdigest() != part["sha256"]:
                wrong.append(f"{part['file']} is not as the manifest says")

    night.server.observe = look
    try:
        yield
    finally:
        night.server.observe = lambda: None
    assert wrong == []


def retry(night: Night) -> None:
    while night.attempts[-1].error and len(night.attempts) < TRIES:
        night.attempt()
    assert night.attempts[-1].error is None


def check(night: Night, earlier: int = 0) -> None:
    """The parts, the manifest that names them in order, nothing else; the ledger says so."""
    files = night.server.files()
    manifest = json.loads(files.pop(f"{night.name}{MANIFEST}"))
    assert files == dict(zip(night.part_names, night.parts, strict=True))
    assert [part["file"] for part in manifest["parts"]] == night.part_names
    assert (night.record()["state"], night.record()["attempts"]) == ("delivered", earlier + len(night.attempts))


def test_the_manifest_comes_last_over_one_connection(faulty_server):
    """All parts, then what says that they are all."""
    night = begin(faulty_server)
    with never_belied(night):
        assert night.attempt().error is None
    check(night)
    assert night.attempts[0].connections == 1


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("place, step, direct", FIRST)
def test_a_kill_at_any_step_leads_to_each_part_once(faulty_server, place, step, moment, direct):
    """The parts that had come are not sent again."""
    night = begin(faulty_server, **({"upload_mode": "direct"} if direct else {}))
    with never_belied(night):
        night.kill(fault(step, moment, f"*{place}*"))
        done = [name for name in night.part_names if f"{place}" > name[-len("part0001.json") :]]
        retry(night)
    check(night)
    assert len(night.attempts) == 2
    opened = {each.path.rpartition("/")[2] for each in night.attempts[1].operations if each.name == "open"}
    assert not {name for name in done for path in opened if name in path}


@pytest.mark.parametrize("what", ["permission denied", "failure", "reset", "no space"])
@pytest.mark.parametrize("step", ["open", "write", "close", "*rename"])
@pytest.mark.parametrize("place", PLACES)
def test_a_fault_at_any_step_leads_to_each_part_once(faulty_server, place, step, what):
    """Until the manifest is there, the delivery is not delivered."""
    night = begin(faulty_server)
    with never_belied(night):
        night.strike(Fault(step, what, path=f"*{place}*"))
        retry(night)
    check(night)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("step", ["open", "close", "*rename"])
@pytest.mark.parametrize("place", PLACES)
def test_a_robot_gets_each_part_once_and_the_manifest_last(faulty_server, place, step, moment):
    """What it took is not sent again when the worker dies behind it."""
    faulty_server.reset(Behaviour(robot="course*", robot_at=("rename",)))
    night = begin(faulty_server, robot=True)
    night.kill(fault(step, moment, f"*{place}*"))
    retry(night)
    assert faulty_server.files() == {}
    *parts, manifest = faulty_server.copies()
    assert tuple(parts) == PARTS
    assert len(json.loads(manifest)["parts"]) == len(PARTS)
    assert night.record()["state"] == "delivered"


@pytest.mark.parametrize("decision", ["robot", "send again"])
@pytest.mark.parametrize("place", PLACES)
def test_a_part_that_nobody_known_took_is_for_a_person_to_decide(faulty_server, place, decision):
    """Nothing more is sent before; then the rest, or all of it again."""
    faulty_server.reset(Behaviour(robot=f"course*{place}*", robot_at=("rename",)))
    night = begin(faulty_server)
    assert "robot" in str(night.attempt().error)
    assert night.record()["state"] == "unconfirmed"
    before = faulty_server.files()
    night.attempt()
    assert (night.record()["state"], faulty_server.files()) == ("unconfirmed", before)
    if decision == "send again":
        faulty_server.behaviour = Behaviour()
    night.decision = decision
    retry(night)
    assert len(faulty_server.copies()) == 1
    assert len(faulty_server.files()) == len(PARTS) + (decision == "send again")


def begin_again(faulty_server, older=OLDER, **fields) -> Night:
    """Deliver other parts of the day, more of them, then stage the night's."""
    night = begin(faulty_server, **fields)
    night.stage(*older)
    deliver_file(night.delivery, night.run_again("earlier"), logging.getLogger("task"))
    night.stage(*PARTS)
    return night


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("place, step, direct", AGAIN)
def test_a_day_that_comes_again_in_fewer_parts_is_never_belied(faulty_server, place, step, moment, direct):
    """Its older manifest leaves first, wherever the worker dies, and no older part stays."""
    night = begin_again(faulty_server, **({"upload_mode": "direct"} if direct else {}))
    with never_belied(night):
        night.kill(fault(step, moment, f"*{place}*"))
        retry(night)
    check(night, earlier=1)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("step", ["write", "remove", "*rename"])
@pytest.mark.parametrize("splits_now", [True, False])
def test_a_day_that_is_split_otherwise_is_there_once(faulty_server, splits_now, step, moment):
    """The whole file leaves for its parts, or they for it, wherever the worker dies."""
    night = Night(faulty_server, SPLIT if splits_now else {}, parts=PARTS)
    now, other = (
        night.delivery,
        {"split": None} if splits_now else {"split": Split(rows=1), "companion": "manifest"},
    )
    night.delivery = replace(now, destination=now.destination.model_copy(update=other))
    night.stage(*OLDER)
    deliver_file(night.delivery, night.run_again("earlier"), logging.getLogger("task"))
    night.delivery = now
    night.stage(*PARTS)
    path = f"*{night.name}" if splits_now and step == "remove" else "*"
    night.kill(fault(step, moment, path))
    retry(night)
    if splits_now:
        check(night, earlier=1)
    else:
        assert faulty_server.files() == {night.name: b"".join(PARTS)}


def test_a_day_that_fails_to_come_again_leaves_the_older_one_whole(faulty_server):
    """Until its first part is about to take its name, all stands as it was."""
    night = begin_again(faulty_server)
    before = faulty_server.files()
    faulty_server.script.set(Fault("write", "no space"))
    assert night.attempt().error
    assert faulty_server.files() == before


def test_a_drop_box_gets_all_parts(faulty_server):
    """Where nobody may look, list or remove."""
    faulty_server.reset(Behaviour(readable=False))
    night = begin(faulty_server)
    assert night.attempt().error is None
    check(night)


@pytest.mark.parametrize("refused", [Behaviour(may_rename=False), Behaviour(refused_names=".*")])
def test_a_test_file_in_parts_finds_out_how_the_server_takes_them(faulty_server, refused):
    """Directly, where nobody may rename or temporary names are refused; each part is read back."""
    faulty_server.reset(refused)
    night = Night(faulty_server, SPLIT, parts=PARTS, test_file=True)
    assert night.attempt().error is None
    check(night)


@pytest.mark.parametrize("place", ["part0001", "part0002", "part0003", "manifest.json"])
def test_a_robot_gets_a_day_that_is_sent_again_all_of_it_though_a_try_fails(faulty_server, place):
    """What it took before the run was cleared counts for nothing: a manifest names what came with it."""
    faulty_server.reset(Behaviour(robot="course*", robot_at=("rename",)))
    night = begin(faulty_server, robot=True)
    deliver_file(night.delivery, night.run_again("earlier"), logging.getLogger("task"))
    night.strike(Fault("open", "failure", path=f"*{place}*"))
    retry(night)
    again = faulty_server.copies()[len(PARTS) + 1 :]
    assert tuple(again[:-1]) == PARTS
    assert len(json.loads(again[-1])["parts"]) == len(PARTS)
