"""Does each destination's mode fit the odd server that it is for, and does the test file find out what it can?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from event_delivery.delivery import ROBOT, SEND_AGAIN
from event_delivery.errors import PermanentError, RetryableError
from event_delivery.ledger import open_ledger
from event_delivery.ledger.servers import read_behaviour
from event_delivery.upload import UnconfirmedError
from tests.faults.behaviour import SIGNATURE, Behaviour
from tests.faults.fault import FOR_EVER, Fault
from tests.faults.night import CONNECTION, CONTENT, LIMITS, OLDER, Night
from tests.faults.server import FaultyServer
from tests.sftp_logins import PASSWORD, confirmed_uri

CLEAN_NAMES = ".*"  # a server that refuses names with a dot in front


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyServer]:
    """The odd server."""
    with FaultyServer(tmp_path_factory.mktemp("modes")) as server:
        yield server


@pytest.fixture(autouse=True)
def server(faulty, events_db, staging_area, monkeypatch) -> FaultyServer:
    """The odd server, friendly and empty again, with a ledger that knows nothing of it."""
    monkeypatch.setenv(f"AIRFLOW_CONN_{CONNECTION.upper()}", confirmed_uri(faulty, "acme", PASSWORD))
    faulty.reset()
    return faulty


def behaviour_of(night: Night) -> dict:
    with open_ledger() as ledger:
        return vars(read_behaviour(ledger, night.identifier, f"127.0.0.1:{night.server.port}/"))


def opened(server: FaultyServer) -> list[str]:
    return [operation.path for operation in server.operations if operation.name == "open"]


@pytest.mark.parametrize(
    "fields, name",
    [
        ({"prefix": "tmp-"}, "tmp-1.{}"),
        ({"suffix": ".tmp"}, "{}.1.tmp"),
        ({"prefix": "~", "suffix": ".tmp"}, "~{}.1.tmp"),
        ({"folder": "work"}, "work/1.{}"),
        ({"folder": "/work", "suffix": ".part"}, "work/{}.1.part"),
    ],
)
def test_the_temporary_name_is_the_configured_one(server, fields, name):
    """Prefix, suffix and folder, alone and together; the file is renamed from there."""
    (server.folder / "work").mkdir()
    night = Night(server, {"temporary_name": fields})
    assert night.attempt().error is None
    assert [path.lstrip("/") for path in opened(server)] == [name.format(night.name)]
    assert server.files() == {night.name: CONTENT}


def test_a_missing_folder_is_refused_or_created_as_told(server):
    """With all folders above it; the temporary name's folder too."""
    place = {"path": "/from/events"}
    night = Night(server, place)
    assert "the folder does not exist. Ask the client to create it" in str(night.attempt().error)
    night = Night(server, place | {"create_folder": True, "temporary_name": {"folder": "work"}})
    assert night.attempt().error is None
    assert server.files() == {f"from/events/{night.name}": CONTENT}


def test_the_test_file_finds_out_that_temporary_names_are_refused(server):
    """The nights after it write under the final name; without it a night says what to do."""
    server.reset(Behaviour(refused_names=CLEAN_NAMES))
    night = Night(server, identifier="acme")
    assert isinstance(night.attempt().error, PermanentError)
    assert Night(server, identifier="acme", test_file=True).attempt().error is None
    assert behaviour_of(night) == {"upload_mode": "direct", "takes_files": False}
    assert night.attempt().error is None
    assert server.files()[night.name] == CONTENT


def test_the_test_file_finds_out_that_nobody_may_rename(server):
    """The temporary file is removed again, and the nights write under the final name."""
    server.reset(Behaviour(may_rename=False))
    assert Night(server, identifier="acme", test_file=True).attempt().error is None
    night = Night(server, identifier="acme")
    assert night.attempt().error is None
    assert len(server.files()) == 2
    assert behaviour_of(night)["upload_mode"] == "direct"


def test_a_night_never_writes_directly_for_one_refused_rename(server):
    """A rename may be refused by chance: half a file must not become visible for it."""
    night = Night(server)
    server.script.set(Fault("posix_rename", "permission denied", times=FOR_EVER))
    with night.watched():
        assert "renaming: permission denied" in str(night.attempt().error)
        server.script.set()
        night.retry()


def test_a_new_test_file_finds_out_that_temporary_names_work_now(server):
    """What a server is like may change; the last test file counts."""
    server.reset(Behaviour(may_rename=False))
    Night(server, identifier="acme", test_file=True).attempt()
    server.reset()
    night = Night(server, identifier="acme", test_file=True)
    assert night.attempt().error is None
    assert behaviour_of(night)["upload_mode"] == "rename"


def test_a_robot_that_takes_temporary_names_gets_one_copy(server):
    """The retries send nothing more, and say what to set; a cleared run sends again."""
    server.reset(Behaviour(robot="*", robot_at=("close",)))
    night = Night(server)
    for _ in range(3):
        assert "somebody on the server took" in str(night.attempt().error)
    assert server.copies() == [CONTENT]
    fixed = Night(server, {"upload_mode": "direct", "robot": True}, identifier=night.identifier)
    fixed.decision = SEND_AGAIN
    assert fixed.attempt().error is None
    assert server.copies() == [CONTENT] * 2


def test_a_person_and_the_test_file_tell_of_a_robot_that_takes_everything(server):
    """A vanished test file proves nothing; with a person's word the nights send one file, under its final name."""
    robot = Behaviour(robot="*", robot_at=("close",))
    server.reset(robot)
    first = Night(server, identifier="acme", test_file=True)
    assert isinstance(first.attempt().error, UnconfirmedError)
    second = Night(server, identifier="acme", test_file=True, decision=ROBOT, minute=1)
    assert second.attempt().error is None
    server.reset(robot)
    night = Night(server, identifier="acme")
    assert night.attempt().error is None
    assert behaviour_of(night) == {"upload_mode": "direct", "takes_files": True}
    assert server.copies() == [CONTENT]


def test_a_lost_answer_to_close_makes_no_second_copy_for_a_known_robot(server):
    """Written directly, gone since, and a robot is known to take files: it was delivered."""
    robot = Behaviour(robot="*", robot_at=("close",))
    server.reset(robot)
    night = Night(server, {"upload_mode": "direct", "robot": True}, identifier="acme")
    server.script.set(Fault("close", "reset", after=True))
    assert isinstance(night.attempt().error, RetryableError)
    assert night.attempt().error is None
    assert server.copies() == [CONTENT]


def test_a_server_that_lets_nobody_overwrite_keeps_the_same_bytes(server):
    """The file of an unknown earlier delivery is read back: the same bytes are adopted, others an error."""
    server.reset(Behaviour(overwrites=False, posix_rename=False))
    night = Night(server)
    (server.folder / night.name).write_bytes(CONTENT)
    assert night.attempt().error is None
    assert server.files() == {night.name: CONTENT}
    other = Night(server, older=OLDER)
    assert "the server lets nobody replace it" in str(other.attempt().error)
    assert server.files()[other.name] == OLDER


def test_a_server_that_changes_files_on_their_way_needs_check_size_off(server):
    """An encrypting gateway: the message names the field, and with it the file is delivered and adopted."""
    server.script.set(Fault("stat", "size long", times=FOR_EVER))
    night = Night(server)
    assert "set check_size: false" in str(night.attempt().error)
    server.script.set(Fault("stat", "size long", times=FOR_EVER))
    night = Night(server, {"check_size": False})
    assert night.attempt().error is None
    assert night.attempt().error is None
    assert len([path for path in opened(server) if night.name in path]) == 1


@pytest.mark.parametrize("test_file", [True, False])
@pytest.mark.parametrize("refused", [None, "failure"])
def test_what_a_server_changed_is_delivered_once_with_check_size_off(server, test_file, refused):
    """What is read back is not what was sent, and is no reason to send it again, nor to remove it."""
    server.reset(Behaviour(rewrites=True))
    night = Night(server, {"check_size": False}, test_file=test_file)
    if refused:
        server.script.set(Fault("posix_rename", refused, after=True))
    assert night.attempt().error is None
    assert server.files() == {night.name: CONTENT + SIGNATURE}
    assert len(opened(server)) == 1 + test_file + bool(refused), "written once, else read back"


def test_a_scanner_that_holds_a_new_file_is_waited_for(server):
    """Windows refuses to rename a file that is open elsewhere; a moment later it does."""
    server.reset(Behaviour(posix_rename=False, locked_seconds=0.2, ignores_case=True))
    night = Night(server)
    limits = replace(LIMITS, rename_pauses=(0.1, 0.3))
    assert night.attempt(limits).error is None
    assert server.files() == {night.name: CONTENT}


@pytest.mark.parametrize("free", [0, 1 << 40])
def test_a_full_disk_is_told_as_such(server, free):
    """Most servers answer a bare failure; how much is free tells what it means. Nothing is left behind."""
    server.reset(Behaviour(free_bytes=free), Fault("write", "failure", byte=len(CONTENT) // 2))
    night = Night(server)
    error = night.attempt().error
    assert isinstance(error, RetryableError)
    assert ("the disk is full" in str(error)) == (free == 0)
    assert server.files() == {}
