"""What is done about a file, by what ledger and server say of it? Every row of the protocol's decisions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from event_delivery.errors import DeliveryError, PermanentError, RetryableError
from event_delivery.sftp import Content, Sight
from event_delivery.upload.decisions import Done, Look, Refuse, Rename, Renamed, Seen, Send
from event_delivery.upload.plan import plan_missing, plan_transfer
from event_delivery.upload.protocol import (
    ALREADY_THERE,
    TAKEN_AWAY,
    TAKEN_BEFORE,
    Outcome,
    Reached,
    TakenError,
    Transfer,
    UnconfirmedError,
)
from event_delivery.upload.verdicts import judge_closed, judge_content, judge_final, judge_temporary

FINAL, TEMPORARY = "/in/acme.json", "/in/.acme.json.1.part"
WANTED, OTHER = 1000, 999
MISSING, UNTOLD = Sight.MISSING, Sight.UNTOLD
SAME, DIFFERENT, UNREADABLE = Content.SAME, Content.OTHER, Content.UNREADABLE
THERE, TAKEN = Done(ALREADY_THERE), Done(TAKEN_BEFORE)


def transfer(
    step: str | None = None, path: str = TEMPORARY, retrying: bool = True, robot: bool = False
) -> Transfer:
    return Transfer(
        local_path=Path("acme.json"),
        bytes=WANTED,
        sha256="0" * 64,
        remote_path=FINAL,
        temporary_path="/in/.acme.json.2.part",
        reached=Reached(step, path) if step else None,  # type: ignore[arg-type]
        retrying=retrying,
        robot_known=robot,
    )


def decide(plan: Any, known: Seen) -> tuple[list[Look], Any]:
    """Answer each look with what is known; returns what was looked at, in order, and the decision."""
    seen, looks = Seen(), []
    while isinstance(decision := plan(seen), Look):
        name = decision.name.lower()
        assert getattr(seen, name) is None, f"looked twice at {decision}"
        answer = getattr(known, name)
        assert answer is not None, f"an unforeseen look at {decision}"
        looks.append(decision)
        seen = Seen(**{**vars(seen), name: answer})
    return looks, decision


@pytest.mark.parametrize("step", [None, "sending"])
@pytest.mark.parametrize(
    "final, content, decision",
    [
        (MISSING, None, Send()),
        (UNTOLD, None, Send()),
        (OTHER, None, Send()),
        (WANTED, SAME, THERE),
        (WANTED, DIFFERENT, Send(twin=True)),
        (WANTED, UNREADABLE, Send(twin=True)),
    ],
)
def test_nothing_whole_was_sent_before(step, final, content, decision):
    """The same bytes are adopted when they are read back; anything else is sent over."""
    assert decide(lambda seen: plan_transfer(transfer(step), seen), Seen(final, content=content))[1] == decision


@pytest.mark.parametrize(
    "step, path, retrying, robot, final, decision",
    [
        # It was delivered by an attempt of this run, whose end was lost: nothing is sent again.
        ("delivered", FINAL, True, False, WANTED, THERE),
        ("delivered", FINAL, True, False, UNTOLD, THERE),
        ("delivered", FINAL, True, False, MISSING, TAKEN),
        ("delivered", FINAL, True, False, OTHER, Send()),
        # It was delivered by an earlier run, and somebody asks for it again.
        ("delivered", FINAL, False, False, WANTED, THERE),
        ("delivered", FINAL, False, False, UNTOLD, Send()),
        ("delivered", FINAL, False, False, MISSING, Send()),
        # CLOSE was asked for under the final name, and its answer was lost.
        ("closing", FINAL, True, False, WANTED, THERE),
        ("closing", FINAL, True, False, UNTOLD, Send()),
        ("closing", FINAL, True, True, MISSING, TAKEN),
        ("closing", FINAL, True, True, UNTOLD, THERE),
        ("closing", FINAL, True, True, OTHER, Send()),
        ("closing", FINAL, False, True, MISSING, Send()),
    ],
)
def test_it_may_have_its_final_name(step, path, retrying, robot, final, decision):
    """One look at the final name decides; gone means taken only where that is known."""
    known = Seen(final)
    assert decide(lambda seen: plan_transfer(transfer(step, path, retrying, robot), seen), known)[1] == decision


@pytest.mark.parametrize(
    "step, retrying, temporary, final, content, decision",
    [
        # The whole temporary file lies there: it only needs its name.
        ("closing", True, WANTED, MISSING, None, Rename(TEMPORARY)),
        ("renaming", True, WANTED, MISSING, None, Rename(TEMPORARY)),
        ("renaming", True, WANTED, OTHER, None, Rename(TEMPORARY)),
        ("renaming", False, WANTED, MISSING, None, Rename(TEMPORARY)),
        ("renaming", True, UNTOLD, MISSING, None, Rename(TEMPORARY)),
        ("taken", True, WANTED, MISSING, None, Rename(TEMPORARY)),
        # It is not whole, or nobody knows.
        ("closing", True, OTHER, MISSING, None, Send()),
        ("closing", True, UNTOLD, MISSING, None, Send()),
        ("renaming", True, OTHER, MISSING, None, Send()),
        ("taken", True, UNTOLD, MISSING, None, Send()),
        # It is gone before renaming was asked for.
        ("closing", True, MISSING, MISSING, None, Send()),
        ("closing", True, MISSING, WANTED, None, Send()),
        # It is gone, and renaming was asked for: under the final name lies this file, or an older one.
        ("renaming", True, MISSING, WANTED, SAME, THERE),
        ("renaming", True, MISSING, WANTED, UNREADABLE, THERE),
        ("renaming", True, MISSING, WANTED, DIFFERENT, Send()),
        ("renaming", True, MISSING, UNTOLD, None, THERE),
        ("renaming", True, MISSING, OTHER, None, Send()),
        # It is gone, and nothing is there: a robot took it, which renaming once more would show.
        ("renaming", True, MISSING, MISSING, None, Rename(TEMPORARY)),
        ("renaming", False, MISSING, MISSING, None, Send()),
        # Somebody took it under its temporary name; a redelivery sends it again.
        ("taken", False, MISSING, MISSING, None, Send()),
        ("taken", True, MISSING, WANTED, SAME, THERE),
        ("taken", True, MISSING, WANTED, UNREADABLE, THERE),
    ],
)
def test_it_lay_there_under_its_temporary_name(step, retrying, temporary, final, content, decision):
    """What is whole is renamed, what is renamed is adopted, and nothing is sent twice that need not be."""
    known = Seen(final, temporary, content)
    assert decide(lambda seen: plan_transfer(transfer(step, TEMPORARY, retrying), seen), known)[1] == decision


@pytest.mark.parametrize("final", [MISSING, UNTOLD, OTHER])
def test_a_file_that_somebody_took_under_its_temporary_name_is_not_sent_again_by_a_retry(final):
    """The client has it, under the wrong name: the sentence says what to set."""
    _, decision = decide(lambda seen: plan_transfer(transfer("taken"), seen), Seen(final, MISSING))
    assert isinstance(decision, Refuse)
    assert isinstance(decision.error, TakenError)


def test_no_more_is_looked_at_than_a_decision_needs():
    """A first attempt asks for one size: each look is a round trip, and reading back is a download."""
    assert decide(lambda seen: plan_transfer(transfer(), seen), Seen(MISSING))[0] == [Look.FINAL]
    looks, _ = decide(lambda seen: plan_transfer(transfer("closing"), seen), Seen(MISSING, WANTED))
    assert looks == [Look.FINAL, Look.TEMPORARY]


@pytest.mark.parametrize(
    "step, temporary, final, content, folder, decision",
    [
        # Renaming was asked for before: gone now means taken, if the folder is still there.
        ("renaming", MISSING, MISSING, UNREADABLE, True, TAKEN),
        ("renaming", MISSING, UNTOLD, None, None, Renamed()),
        ("renaming", UNTOLD, MISSING, UNREADABLE, True, TAKEN),
        ("renaming", MISSING, MISSING, SAME, True, Renamed()),
        ("renaming", MISSING, WANTED, SAME, None, Renamed()),
        ("renaming", MISSING, WANTED, UNREADABLE, None, Renamed()),
        # It was asked for the first time: the server did it, whatever it answered.
        ("closing", MISSING, WANTED, SAME, None, Renamed()),
        (None, MISSING, WANTED, UNREADABLE, None, Renamed()),
    ],
)
def test_the_server_does_not_find_the_temporary_file(step, temporary, final, content, folder, decision):
    """What was renamed already is not taken for lost."""
    known = Seen(final, temporary, content, folder)
    robot = transfer(step, robot=True)
    assert decide(lambda seen: plan_missing(robot, TEMPORARY, step == "renaming", seen), known)[1] == decision


@pytest.mark.parametrize(
    "step, temporary, final, content, folder, error",
    [
        ("renaming", WANTED, None, None, None, RetryableError),
        ("renaming", MISSING, MISSING, None, False, TakenError),
        ("renaming", MISSING, OTHER, None, None, TakenError),
        ("renaming", MISSING, WANTED, DIFFERENT, None, TakenError),
        ("closing", MISSING, MISSING, None, None, TakenError),
        ("closing", MISSING, UNTOLD, None, None, TakenError),
        (None, MISSING, WANTED, DIFFERENT, None, TakenError),
    ],
)
def test_a_temporary_file_that_is_gone_is_no_success_by_itself(step, temporary, final, content, folder, error):
    """An older file, or none, under the final name: somebody took it, or the server contradicts itself."""
    known = Seen(final, temporary, content, folder)
    _, decision = decide(lambda seen: plan_missing(transfer(step), TEMPORARY, step == "renaming", seen), known)
    assert isinstance(decision, Refuse)
    assert type(decision.error) is error


@pytest.mark.parametrize(
    "size, right", [(WANTED, True), (MISSING, True), (UNTOLD, True), (OTHER, False), (0, False)]
)
def test_a_closed_file_of_another_size_is_wrong(size, right):
    """Gone may mean a quick robot, untold a drop box: the rename will tell."""
    wrong = judge_closed(size, WANTED)
    assert (wrong is None) == right
    assert right or "bytes arrived, wanted 1000" in str(wrong)


@pytest.mark.parametrize(
    "size, verdict",
    [
        (WANTED, Outcome("its size on the server is right")),
        (UNTOLD, Outcome("the server does not tell its size")),
        (MISSING, TAKEN_AWAY),
    ],
)
def test_the_final_name_tells_how_the_delivery_ended(size, verdict):
    """The words stand in the log."""
    assert judge_final(size, WANTED, FINAL, robot_known=True) == verdict


def test_another_size_under_the_final_name_is_a_failure():
    """It is retried: the server may have been at work still."""
    verdict = judge_final(OTHER, WANTED, FINAL, robot_known=True)
    assert isinstance(verdict, DeliveryError)
    assert not isinstance(verdict, PermanentError)


@pytest.mark.parametrize("step, path", [("closing", FINAL), ("renaming", TEMPORARY)])
def test_a_file_that_is_gone_proves_nothing_where_no_robot_is_known(step, path):
    """A server that discards files looks the same: no success, and nothing is sent again."""
    known = Seen(MISSING, MISSING, UNREADABLE, True)
    plan = plan_transfer if step == "closing" else lambda this, seen: plan_missing(this, TEMPORARY, True, seen)
    _, decision = decide(lambda seen: plan(transfer(step, path), seen), known)
    assert isinstance(decision, Refuse)
    assert type(decision.error) is UnconfirmedError
    assert "decide on the Deliveries page" in str(decision.error)


@pytest.mark.parametrize("final", [MISSING, UNTOLD, OTHER])
def test_what_a_person_has_not_decided_is_not_sent_again(final):
    """Whoever clears the run gets the same answer; the sentence stays, and does not grow."""
    open_question = replace(transfer("renaming"), unresolved="still unconfirmed: the server said OK")
    _, decision = decide(lambda seen: plan_transfer(open_question, seen), Seen(final))
    assert isinstance(decision, Refuse)
    assert str(decision.error) == "still unconfirmed: the server said OK"


@pytest.mark.parametrize("content, delivered", [(SAME, True), (DIFFERENT, False), (UNREADABLE, False)])
def test_a_file_that_lies_there_after_all_is_delivered(content, delivered):
    """The server was late, or somebody put it back: its bytes are read before they are believed."""
    open_question = replace(transfer("renaming"), unresolved="the server said OK")
    _, decision = decide(lambda seen: plan_transfer(open_question, seen), Seen(WANTED, content=content))
    assert isinstance(decision, Done if delivered else Refuse)


def test_a_person_s_word_resolves_a_file_that_was_taken_under_its_temporary_name():
    """They know under which name the client has it."""
    said = replace(transfer("taken", robot=True), robot_said=True)
    assert decide(lambda seen: plan_transfer(said, seen), Seen(MISSING, MISSING))[1] == TAKEN


@pytest.mark.parametrize("final", [MISSING, UNTOLD, OTHER])
def test_a_forgotten_file_that_the_client_has_is_not_sent(final):
    """A person says so, whatever lies under its name by now."""
    said = replace(transfer("delivered", "", robot=True), robot_said=True, forgotten=True)
    assert decide(lambda seen: plan_transfer(said, seen), Seen(final))[1] == TAKEN


@pytest.mark.parametrize("size, right", [(MISSING, True), (UNTOLD, True), (WANTED, False), (OTHER, False)])
def test_a_rename_that_left_the_temporary_file_did_nothing(size, right):
    """Whatever the server answered, and whatever lies under the final name."""
    wrong = judge_temporary(size, TEMPORARY)
    assert (wrong is None) == right
    assert right or isinstance(wrong, RetryableError)


def test_a_final_name_that_is_empty_is_unconfirmed_where_no_robot_is_known():
    """The temporary name is gone too: taken, or discarded."""
    assert type(judge_final(MISSING, WANTED, FINAL, robot_known=False)) is UnconfirmedError


def test_a_file_that_is_read_back_must_hold_what_was_sent():
    """One that cannot be read back proves nothing, either way."""
    known = Outcome("its size on the server is right")
    assert judge_content(SAME, known) == Outcome("read back, every byte is right")
    assert judge_content(UNREADABLE, known) is known
    assert isinstance(judge_content(DIFFERENT, known), RetryableError)
