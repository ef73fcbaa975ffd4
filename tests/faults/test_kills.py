"""Does a worker that is killed at any step leave a night that still ends with one whole file?"""

from __future__ import annotations

import pytest

from tests.faults.fault import Fault
from tests.faults.night import BLOCK, BLOCKS, Night
from tests.faults.scenario import SCENARIOS, Point, Scenario, begin

pytestmark = pytest.mark.slow
CONNECTING = {
    "accept": "connecting",
    "kexinit": "agreeing on algorithms",
    "login": "logging in",
    "channel": "opening a channel",
    "sftp version": "agreeing on SFTP's version",
}
MOMENTS = {
    "before": "before the server did it",
    "after": "when the server had done it",
    "late": "before the server did it, which it then does nevertheless",
}
CASES = [
    (scenario, point, percent, moment)
    for scenario in SCENARIOS
    for point in scenario.points
    for percent in ((0, 50, 95) if point.operation == "write" else (None,))
    for moment in MOMENTS
]


def _name(value) -> str:
    return value.operation if isinstance(value, Point) else str(value).replace(" ", "-")


@pytest.mark.parametrize("step", CONNECTING)
def test_a_kill_while_connecting_leads_to_one_whole_file(faulty_server, note, step):
    """Nothing was sent: the next try sends it."""
    night = Night(faulty_server)
    with night.watched():
        night.kill(Fault(step, "silent" if step == "accept" else "hang"))
        night.retry()
    assert len(night.attempts) == 2
    note("a worker is killed", f"connecting: {CONNECTING[step]}", "at any moment", night, says="—")


@pytest.mark.matrix(
    lambda scenario, point: (scenario.name, point),
    lambda point, moment: (point.operation, moment),
    lambda percent, moment: (percent, moment),
)
@pytest.mark.parametrize("scenario, point, percent, moment", CASES, ids=_name)
def test_a_kill_at_any_step_leads_to_one_whole_file(
    faulty_server, note, scenario: Scenario, point: Point, percent, moment
):
    """The worker dies without a word; the next try finds out what became of the file."""
    night = begin(faulty_server, scenario)
    killed = len(night.attempts)
    byte = None if percent is None else BLOCK * BLOCKS * percent // 100
    what = "late" if moment == "late" else "hang"
    with night.watched(scenario.atomic):
        night.kill(Fault(point.operation, what, moment == "after", point.nth, byte=byte, path=point.path))
        night.retry()
    assert len(night.attempts) == killed + 2
    where = f"{scenario.name}: {point.words}"
    # How much of an unfinished write reached the server is a matter of timing: try 2 finds the file or sends it.
    either = not scenario.atomic and point.operation == "write"
    outcome = "try 2 delivers" if either else ""
    note("a worker is killed", where, MOMENTS[moment], night, killed, says="—", outcome=outcome)
