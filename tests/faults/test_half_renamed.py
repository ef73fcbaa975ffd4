"""A rename that leaves both names, or finds neither file nor way: is nothing doubled, nothing removed?"""

from __future__ import annotations

import time

import pytest

from event_delivery.upload import UnconfirmedError
from tests.faults.behaviour import Behaviour
from tests.faults.fault import FOR_EVER, Fault
from tests.faults.night import OLDER, Night

pytestmark = pytest.mark.slow


def test_a_rename_that_copies_is_one_delivery(faulty_server):
    """Both names are there, and the final one holds the whole file: the first try removes the other."""
    faulty_server.reset(Behaviour(rename_copies=True))
    night = Night(faulty_server)
    night.attempt()
    night.check_delivered()


def test_a_rename_that_copies_gives_a_robot_one_copy(faulty_server):
    """A robot that comes by between two tries does not get the file with each of them."""
    faulty_server.reset(Behaviour(rename_copies=True, robot="[!.]*", robot_at=("rename",), robot_delay=0.5))
    night = Night(faulty_server, {"robot": True})
    for _ in range(3):
        night.attempt()
        time.sleep(0.8)
        if not night.attempts[-1].error:
            break
    night.check_delivered()
    assert len(night.attempts) == 1


def test_a_rename_that_copies_and_says_no_removes_no_whole_file(faulty_server):
    """Where the right to remove is withheld, the copy is made and the rename refused: the file is there, once."""
    faulty_server.reset(Behaviour(rename_copies=True))
    faulty_server.script.set(Fault("posix_rename", "failure", after=True, times=FOR_EVER))
    night = Night(faulty_server)
    night.attempt()
    night.check_delivered()
    removed = [each.path for each in faulty_server.operations if each.name == "remove"]
    assert [path for path in removed if not path.endswith(".part")] == []


def test_a_copy_that_nobody_may_remove_is_not_called_delivered(faulty_server):
    """It has a name too many until the client removes that: nothing is sent again, and a clear delivers."""
    faulty_server.reset(Behaviour(rename_copies=True, removable=False))
    night = Night(faulty_server)
    night.attempt()
    error = night.attempts[-1].error
    assert isinstance(error, UnconfirmedError)
    assert "does not let us remove" in str(error)
    assert "set upload_mode: direct" in str(error)
    [part] = faulty_server.folder.glob(".*.part")
    part.unlink()
    night.attempt()
    night.check_delivered()
    assert "write" not in night.attempts[-1].names


def test_a_copy_that_is_said_to_be_removed_and_stays_is_not_called_delivered(faulty_server):
    """The server's word is not enough: the temporary name is looked at once more."""
    faulty_server.reset(Behaviour(rename_copies=True, claims_removal=True))
    night = Night(faulty_server)
    night.attempt()
    assert isinstance(night.attempts[-1].error, UnconfirmedError)


def test_a_server_that_answers_ok_to_every_removal_is_not_believed(faulty_server):
    """It shows nothing, and claims to have removed what was renamed: that tells nothing of the rename."""
    faulty_server.reset(Behaviour(readable=False, claims_removal=True))
    night = Night(faulty_server)
    night.attempt()
    night.check_delivered()


def test_an_older_file_stays_where_the_new_one_was_taken_under_its_temporary_name(faulty_server):
    """A server without posix-rename says that the name is taken, not that there is nothing to rename."""
    faulty_server.reset(Behaviour(posix_rename=False))
    night = Night(faulty_server, older=OLDER)

    def take() -> None:
        [part] = faulty_server.folder.glob(".*.part")
        part.unlink()

    faulty_server.script.set(Fault("rename", "disturbance", meanwhile=take))
    night.attempt()
    assert isinstance(night.attempts[-1].error, UnconfirmedError)
    assert faulty_server.files() == {night.name: OLDER}
