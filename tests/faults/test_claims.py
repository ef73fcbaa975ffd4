"""Does `delivered` mean what it says, and does a person get out of what nobody can tell?"""

from __future__ import annotations

import logging
import os
import time
from dataclasses import replace

import psycopg
import pytest

from event_delivery.delivery import ROBOT, SEND_AGAIN
from event_delivery.errors import RetryableError
from event_delivery.upload import UnconfirmedError, UploadRun, deliver_file
from tests.faults.behaviour import Behaviour
from tests.faults.fault import Fault
from tests.faults.night import CONTENT, OLDER, Night, wait_for_lock
from tests.ledger_contents import read_record

pytest_plugins = ["tests.faults.fixtures"]
AT_ONCE = Behaviour(robot="[!.]*", robot_at=("rename",))
DISCARDS = Behaviour(discards="*")
MOST_STATEMENTS = 40


def test_nothing_is_sent_again_until_a_person_decides(faulty_server):
    """Retries and cleared runs ask the server for a look, and say what they wait for."""
    faulty_server.reset(AT_ONCE)
    night = Night(faulty_server)
    first = str(night.attempt().error)
    for _ in range(3):
        attempt = night.attempt()
        assert str(attempt.error).endswith(first.partition(": ")[2])
        assert "open" not in attempt.names
    assert read_record(night.delivery)["state"] == "unconfirmed"
    assert faulty_server.copies() == [CONTENT]


def test_a_person_s_word_for_a_robot_is_remembered(faulty_server):
    """The delivery counts, nothing is sent for it, and the next night's vanished file is a success."""
    faulty_server.reset(AT_ONCE)
    night = Night(faulty_server)
    assert isinstance(night.attempt().error, UnconfirmedError)
    night.decision = ROBOT
    attempt = night.attempt()
    assert attempt.error is None
    assert "write" not in attempt.names
    faulty_server.reset(AT_ONCE)
    other = Night(faulty_server, identifier=night.identifier, test_file=True)
    assert other.attempt().error is None


def test_what_is_seen_once_teaches_nothing(faulty_server):
    """A server that discards files looks like a robot: each vanished file is a question of its own."""
    faulty_server.reset(AT_ONCE)
    assert isinstance(Night(faulty_server, test_file=True, identifier="seen").attempt().error, UnconfirmedError)
    faulty_server.reset(AT_ONCE)
    assert isinstance(Night(faulty_server, identifier="seen").attempt().error, UnconfirmedError)


@pytest.mark.parametrize("decision", [None, ROBOT])
def test_an_unconfirmed_delivery_stays_so_whatever_happens_to_its_attempts(faulty_server, decision):
    """A line that breaks, a worker that is killed, a run that is cleared: none of them makes a second copy."""
    faulty_server.reset(AT_ONCE)
    night = Night(faulty_server)
    said = str(night.attempt().error)
    night.decision = decision
    faulty_server.script.set(Fault("stat", "reset"))
    with pytest.raises(RetryableError):
        deliver_file(night.delivery, night.run_again(), logging.getLogger("task"))
    record = read_record(night.delivery)
    assert (record["state"], record["last_error"], record["step"]) == ("unconfirmed", said, "renaming")
    night.kill(Fault("stat", "hang"))
    assert read_record(night.delivery)["state"] == "unconfirmed"
    faulty_server.script.set()
    if decision:
        deliver_file(night.delivery, night.run_again(), logging.getLogger("task"))
    else:
        with pytest.raises(UnconfirmedError):
            deliver_file(night.delivery, night.run_again(), logging.getLogger("task"))
    assert faulty_server.copies() == [CONTENT]
    assert read_record(night.delivery)["state"] == ("delivered" if decision else "unconfirmed")


def test_a_decision_is_heeded_once(faulty_server):
    """Two people click: the second finds nothing to decide. The deciding run, cleared later, delivers again."""
    faulty_server.reset(AT_ONCE)
    night = Night(faulty_server)
    assert night.attempt().error
    night.decision = SEND_AGAIN
    faulty_server.behaviour = Behaviour()
    for click in ("first", "second"):
        deliver_file(night.delivery, night.run_again(click), logging.getLogger("task"))
    (faulty_server.folder / night.name).unlink()
    deliver_file(night.delivery, night.run_again("third"), logging.getLogger("task"))
    assert night.name not in faulty_server.files()
    deliver_file(night.delivery, night.run_again("first"), logging.getLogger("task"))
    assert faulty_server.files() == {night.name: CONTENT}


def test_a_decided_attempt_that_is_killed_twice_leads_to_one_copy(faulty_server):
    """Sent again to a robot, then killed before it is recorded, and again before it looks: it is still known."""
    faulty_server.reset(Behaviour(robot="*", robot_at=("rename",)))
    night = Night(faulty_server)
    assert night.attempt().error
    night.decision = SEND_AGAIN
    night.kill(Fault("posix_rename", "hang", after=True))
    night.kill(Fault("stat", "hang"))
    with pytest.raises(UnconfirmedError):
        deliver_file(night.delivery, replace(night.run_again(), retrying=True), logging.getLogger("task"))
    assert faulty_server.copies() == [CONTENT] * 2


def test_a_cleared_run_delivers_again_even_if_its_first_try_never_reached_the_ledger(faulty_server):
    """The client has moved the file away; what a try before the clear delivered does not count."""
    faulty_server.reset()
    night = Night(faulty_server)
    assert night.attempt().error is None
    (faulty_server.folder / night.name).unlink()
    second_since_clear = replace(night.run_again(), retrying=True, try_number=3, first_try=2)
    deliver_file(night.delivery, second_since_clear, logging.getLogger("task"))
    assert faulty_server.files() == {night.name: CONTENT}
    (faulty_server.folder / night.name).unlink()
    third = replace(second_since_clear, try_number=4)
    deliver_file(night.delivery, third, logging.getLogger("task"))
    assert faulty_server.files() == {}, "a retry after a delivery that Airflow never heard of"


@pytest.mark.parametrize("fields", [{}, {"upload_mode": "direct"}])
def test_a_server_that_discarded_files_gets_them_when_it_is_healed(faulty_server, fields):
    """There is a way back: a person says that the client has nothing."""
    faulty_server.reset(DISCARDS)
    night = Night(faulty_server, fields)
    assert isinstance(night.attempt().error, UnconfirmedError)
    faulty_server.behaviour = Behaviour()
    assert isinstance(night.attempt().error, UnconfirmedError)
    night.decision = SEND_AGAIN
    night.retry()
    assert faulty_server.files() == {night.name: CONTENT}


def test_a_file_that_turns_up_after_all_is_delivered_without_a_word(faulty_server):
    """A server that shows files late, or somebody who put it back."""
    faulty_server.reset(AT_ONCE)
    night = Night(faulty_server)
    assert isinstance(night.attempt().error, UnconfirmedError)
    [taken] = faulty_server.taken.iterdir()
    taken.rename(faulty_server.folder / night.name)
    assert night.attempt().error is None
    assert faulty_server.files() == {night.name: CONTENT}


@pytest.mark.parametrize("robot", [False, True])
def test_a_robot_with_a_delay_gets_one_copy_when_the_answer_to_close_is_lost(faulty_server, robot):
    """Written directly, and taken a moment after CLOSE: the retry finds nothing, and sends nothing."""
    faulty_server.reset(Behaviour(robot="*", robot_at=("close",), robot_delay=0.05))
    night = Night(faulty_server, {"upload_mode": "direct", "robot": robot})
    faulty_server.script.set(Fault("close", "reset", after=True))
    assert night.attempt().error
    time.sleep(0.2)
    error = night.attempt().error
    assert (error is None) if robot else isinstance(error, UnconfirmedError)
    assert faulty_server.copies() == [CONTENT]


@pytest.mark.parametrize("at", ["open", "write", "fsync", "close"])
def test_a_failed_attempt_removes_no_final_name(faulty_server, at):
    """Written directly, what lies there stays until the next attempt overwrites it: SFTP cannot fence."""
    faulty_server.reset()
    night = Night(faulty_server, {"upload_mode": "direct"}, older=OLDER)
    faulty_server.script.set(Fault(at, "failure", path=night.name))
    assert night.attempt().error
    assert night.name in faulty_server.files()
    assert "remove" not in night.attempts[0].names
    faulty_server.script.set()
    night.retry()


def test_a_part_under_the_final_name_is_told(faulty_server):
    """Whoever reads the failure knows what the client sees meanwhile."""
    night = Night(faulty_server, {"upload_mode": "direct"})
    faulty_server.script.set(Fault("write", "failure", byte=len(CONTENT) // 2))
    assert "bytes of it lie under the final name until the next attempt" in str(night.attempt().error)
    faulty_server.script.set()
    night.retry()


def test_a_test_file_is_read_back_or_says_that_it_is_not(faulty_server, caplog):
    """It proves a destination: the size alone would not."""
    with caplog.at_level(logging.INFO, "task"):
        Night(faulty_server, test_file=True).attempt()
        assert "read back, every byte is right" in caplog.text
        faulty_server.reset(Behaviour(readable=False))
        Night(faulty_server, test_file=True).attempt()
        assert "its content is not proven" in caplog.text


@pytest.mark.parametrize("fields", [{}, {"upload_mode": "direct"}], ids=["rename", "direct"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_at_any_of_the_ledger_s_statements_leaves_one_whole_file(faulty_server, fields, after):
    """Between the server's acknowledgement and the ledger's, and everywhere else: the next try finds out."""
    statements = 0
    while statements < MOST_STATEMENTS:
        faulty_server.reset()
        night = Night(faulty_server, fields)
        if not crash_at(night, statements, after):
            break
        faulty_server.settle()
        wait_for_lock()
        deliver_file(night.delivery, UploadRun("dag", "run", retrying=True), logging.getLogger("task"))
        assert faulty_server.files() == {night.name: CONTENT}
        assert read_record(night.delivery)["state"] == "delivered"
        statements += 1
    assert 15 < statements < MOST_STATEMENTS


def crash_at(night: Night, statement: int, after: bool) -> bool:
    """Deliver in a process that dies at a statement to the ledger; tells whether it came to that.

    In that process `psycopg.Connection.execute` is replaced by one that counts.
    """
    process = os.fork()
    if not process:
        execute, left = psycopg.Connection.execute, [statement]

        def die_or_execute(*arguments, **options):
            left[0] -= 1
            if left[0] < 0 and not after:
                os._exit(9)
            answer = execute(*arguments, **options)
            if left[0] < 0:
                os._exit(9)
            return answer

        psycopg.Connection.execute = die_or_execute
        try:
            deliver_file(night.delivery, UploadRun("dag", "run"), logging.getLogger("task"))
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 9
