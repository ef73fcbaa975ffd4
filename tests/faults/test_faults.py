"""Whatever goes wrong at whatever step: one whole file, once, and a true sentence about what happened?"""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from event_delivery.upload import UnconfirmedError
from tests.faults.behaviour import Behaviour
from tests.faults.fault import FOR_EVER, Fault
from tests.faults.night import BLOCK, BLOCKS, OLDER, PATIENCES, SHORT_CONNECT, TRIES, Night
from tests.faults.scenario import BREAKS, SCENARIOS, WORDS, Case, begin, cases, is_undecidable, play

pytestmark = pytest.mark.slow
EVERY_CASE = [case for scenario in SCENARIOS for case in cases(scenario)]
CASES = [case for case in EVERY_CASE if not is_undecidable(case)]
CONNECTING = [
    *(Fault("accept", what) for what in ("reset", "end", "silent", "busy", "http")),
    *(
        Fault(step, what)
        for step in (
            "kexinit", "key exchange", "new keys", "service", "login refusal", "login", "channel", "subsystem",
            "sftp version",
        )
        for what in (*BREAKS, "hang")
    ),
    Fault("channel refusal", "refuse"),
    Fault("subsystem refusal", "refuse"),
]  # fmt: skip
STEPS = {
    "accept": "connecting",
    "kexinit": "agreeing on algorithms",
    "new keys": "switching to the new keys",
    "service": "asking for the login",
    "login refusal": "asking how to log in",
    "login": "logging in",
    "channel": "opening a channel",
    "subsystem": "starting SFTP",
    "sftp version": "agreeing on SFTP's version",
    "channel refusal": "opening a channel",
    "subsystem refusal": "starting SFTP",
}
UNDECIDABLE = [case for case in EVERY_CASE if is_undecidable(case)]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_a_delivery_asks_for_nothing_but_what_faults_strike_at(faulty_server, scenario):
    """Nothing that a delivery asks of a server is left out of the matrix."""
    night = begin(faulty_server, scenario)
    attempt = night.attempt()
    night.check_delivered()
    asked = [(operation.name, operation.path.rpartition("/")[2][0] == ".") for operation in attempt.operations]
    points = [(request.operation, request.path.startswith(".")) for request in scenario.requests]
    assert [request for request, _ in itertools.groupby(asked)] == points


@pytest.mark.matrix(
    lambda case: (case.scenario.name, case.point),
    lambda case: (case.point.operation, case.fault.what),
    lambda case: (case.fault.what, case.fault.after),
    lambda case: case.fault.byte,
)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_fault_at_any_step_leads_to_one_whole_file(faulty_server, note, case: Case):
    """Struck once, then served well: delivered within the next try, with every promise kept."""
    night, hit = play(faulty_server, case, Night.retry)
    note(case.scenario.name, case.point.words, case.words, night, hit)


@pytest.mark.parametrize("case", UNDECIDABLE, ids=str)
def test_what_nobody_can_tell_apart_makes_no_second_copy(faulty_server, note, case: Case):
    """A robot took the file, and the server denies having renamed it: better to ask a person than two copies."""
    night, hit = play(faulty_server, case, try_to_the_end)
    assert all(isinstance(attempt.error, UnconfirmedError) for attempt in night.attempts)
    assert len(faulty_server.copies()) + len(faulty_server.files()) == 1
    note(case.scenario.name, case.point.words, case.words, night, hit)


def try_to_the_end(night: Night) -> None:
    while len(night.attempts) < TRIES:
        night.attempt()


@pytest.mark.parametrize("fault", CONNECTING, ids=lambda fault: f"{fault.at}-{fault.what}".replace(" ", "-"))
def test_a_fault_while_connecting_leads_to_one_whole_file(faulty_server, note, fault: Fault):
    """The first try names the step and offers the password once at most; the next one delivers."""
    night = Night(faulty_server)
    with night.watched():
        hit = next(
            hit for patience in PATIENCES if (hit := night.strike(fault, patience, SHORT_CONNECT)) is not None
        )
        night.retry()
    assert not faulty_server.overstayed, "we did not hang up"
    # A reset at once may be seen while TCP connects or right after; both are the same to the operator.
    at_once = (fault.at, fault.what) == ("accept", "reset")
    says = "exchanging keys: the line broke" if at_once else ""
    note("connecting", STEPS.get(fault.at, fault.at), WORDS[fault.what], night, hit, says=says)


@pytest.mark.parametrize("what", ["failure", "reset"])
@pytest.mark.parametrize("point", SCENARIOS[0].points, ids=lambda point: point.operation)
def test_ten_faults_in_a_row_leave_the_eleventh_try(faulty_server, point, what):
    """The last of the promised tries still delivers one whole file, if the step matters at all."""
    byte = BLOCK * BLOCKS // 2 if point.operation == "write" else None
    night = Night(faulty_server)
    with night.watched():
        for _ in range(TRIES - 1):
            if night.attempts and not night.attempts[-1].error:
                break
            faulty_server.script.set(
                Fault(point.operation, what, path=point.path, byte=byte, after=what == "reset")
            )
            night.attempt()
        faulty_server.script.set()
        night.retry()


@pytest.mark.parametrize(
    "operation, what",
    [(at, what) for at in ("open", "write", "posix_rename") for what in ("permission denied", "reset")]
    + [("close", "permission denied")],  # a line that breaks at CLOSE leaves a whole file, which gets its name
)
def test_a_fault_that_never_ends_is_never_taken_for_a_success(faulty_server, operation, what):
    """Eleven tries fail, the ledger says so, and nothing stands under the final name."""
    night = Night(faulty_server)
    faulty_server.script.set(Fault(operation, what, times=FOR_EVER))
    with night.watched():
        for _ in range(TRIES):
            night.attempt()
    assert all(attempt.error for attempt in night.attempts)
    assert night.record()["attempts"] == TRIES
    assert night.name not in faulty_server.files()
    assert len(faulty_server.files()) <= 1


_FAULTS = st.builds(
    Fault,
    at=st.sampled_from(["stat", "open", "write", "fsync", "close", "posix_rename", "remove", "login", "channel"]),
    what=st.sampled_from(["permission denied", "failure", "no space", "quota", *BREAKS]),
    after=st.booleans(),
    nth=st.integers(1, 3),
)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
@given(
    tries=st.lists(st.lists(_FAULTS, max_size=3), max_size=6),
    robot=st.booleans(),
    plain=st.booleans(),
    older=st.booleans(),
)
def test_any_sequence_of_faults_leads_to_one_whole_file(faulty_server, tries, robot, plain, older):
    """Up to three faults a try, for up to six tries, on servers of all kinds; then the next try delivers."""
    behaviour = Behaviour(robot="[!.]*" if robot else "", robot_at=("rename",), posix_rename=not plain)
    faulty_server.reset(behaviour)
    night = Night(faulty_server, {"robot": robot}, older=OLDER if older else b"")
    with night.watched():
        for faults in tries:
            faulty_server.script.set(*(_login_fault(fault) for fault in faults))
            if not night.attempt().error:
                break
        faulty_server.script.set()
        if not night.attempts:
            night.attempt()
        night.retry()


def _login_fault(fault: Fault) -> Fault:
    """A step of the login has no answer that could be wrong: there the line ends."""
    in_login = fault.at in ("login", "channel") and fault.what not in BREAKS
    return replace(fault, what="reset") if in_login else fault
