"""Does a line that breaks, stalls or crawls after whatever byte, either way, still bring one whole file?"""

from __future__ import annotations

import pytest

from tests.faults.night import LIMITS, SHORT_LIMITS, Night
from tests.faults.proxy import Hitch

pytestmark = pytest.mark.slow
WORDS = {
    "reset": "the line is reset",
    "end": "the line ends without a word",
    "freeze": "nothing passes any more",
    "stall": "nothing passes this way any more",
    "trickle": "a byte passes every so often",
}
WAYS = {"up": "from us", "down": "to us"}
BREAKS, SILENCES = ("reset", "end"), ("freeze", "stall", "trickle")
CASES = [(way, what, percent) for way in WAYS for what in BREAKS for percent in range(0, 100, 5)]
CASES += [(way, what, percent) for way in WAYS for what in SILENCES for percent in (0, 30, 95)]


@pytest.fixture(scope="module")
def bytes_of_a_delivery() -> dict[str, int]:
    """The bytes of one delivery each way, measured once: login, file and answers."""
    return {}


@pytest.mark.matrix(lambda way, what: (way, what), lambda way, percent: (way, percent))
@pytest.mark.parametrize("way, what, percent", CASES)
def test_a_line_that_fails_after_any_byte_brings_one_whole_file(
    faulty_server, proxy, bytes_of_a_delivery, note, way, what, percent
):
    """Cut at each 5 % of the bytes either way, or stalled: the tries after it deliver, once."""
    if not bytes_of_a_delivery:
        Night(faulty_server).attempt()
        bytes_of_a_delivery |= proxy.bytes
        faulty_server.reset()
    byte = bytes_of_a_delivery[way] * percent // 100
    proxy.set(Hitch(what, byte, way))
    night = Night(faulty_server)
    with night.watched():
        night.attempt(SHORT_LIMITS if what in SILENCES else LIMITS)
        assert proxy.bytes[way] >= byte, "the hitch never struck"
        proxy.set()
        night.retry()
    assert len(night.attempts) <= 2
    note(
        "the line",
        f"after any byte {WAYS[way]}",
        WORDS[what],
        night,
        says="what it was doing",
        outcome="try 2 delivers",
    )


@pytest.mark.parametrize("how", ["refused", "silent"])
def test_a_closed_or_silent_port_is_tried_again(faulty_server, proxy, note, how):
    """A server that is down, or a firewall that swallows everything, costs one try."""
    proxy.set(refuse=how == "refused", silent=how == "silent")
    night = Night(faulty_server)
    night.attempt(SHORT_LIMITS)
    proxy.set()
    night.retry()
    assert len(night.attempts) == 2
    words = "the connection is refused" if how == "refused" else "the port accepts and says nothing"
    note("connecting", "connecting", words, night)


def test_three_bad_lines_in_a_row_bring_one_whole_file(faulty_server, proxy):
    """Each try breaks at another place; the fourth delivers."""
    proxy.set(Hitch("reset", 2_000), Hitch("end", 300_000), Hitch("reset", 8_500, "down"))
    night = Night(faulty_server)
    with night.watched():
        night.attempt()
        night.retry()
    assert len(night.attempts) <= 4
