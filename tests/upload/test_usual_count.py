"""Is a number of events that is out of line found, and a merely uneven one not?"""

from __future__ import annotations

import math
import random

import pytest

from event_delivery.upload.usual_count import judge_count

STEADY = [1_000, 980, 1_050, 1_020, 990, 1_010, 1_040, 970]
UNEVEN = [100, 310, 55, 190, 480, 120, 90, 240]
FEW = [2, 0, 3, 1, 0, 4, 2, 1]


@pytest.mark.parametrize(
    "rows, earlier, found",
    [
        (1_000, STEADY, None),
        (600, STEADY, None),
        (1_900, STEADY, None),
        (500, STEADY, "unusually few events, 500: "),
        (2_010, STEADY, "unusually many events, 2,010: "),
        (
            400,
            STEADY,
            "unusually few events, 400: the last 8 days of this weekday had 970 to 1,050, 1,005 in the middle",
        ),
        (2_500, STEADY, "unusually many events, 2,500: the last 8 days"),
        (0, STEADY, "no events: the last 8 days of this weekday had 970 to 1,050"),
        (480, UNEVEN, None),
        (20, UNEVEN, None),
        (
            3_000,
            UNEVEN,
            "unusually many events, 3,000: the last 8 days of this weekday had 55 to 480, 155 in the middle",
        ),
        (0, UNEVEN, "no events: "),
        (0, FEW, None),
        (9, FEW, None),
        (40, FEW, "unusually many events, 40: the last 8 days of this weekday had 0 to 4, 2 in the middle"),
        (0, [4] * 8, "no events: the last 8 days of this weekday had 4 to 4, 4 in the middle"),
        (0, [3] * 8, None),
        (0, [4, 50_000, 9, 3_000, 80_000, 5, 700, 12], "no events: "),
        (0, [0] * 8, None),
        (8, [0] * 8, None),
        (200, [0] * 8, "unusually many events, 200: the last 8 days of this weekday had 0 to 0, 0 in the middle"),
    ],
)
def test_a_number_out_of_line_is_found_and_described(rows, earlier, found):
    """Too many, too few, none where there always are some; a wide spread before allows a wide one now."""
    said = judge_count(rows, earlier)
    assert (said is None) == (found is None), said
    assert found is None or said.startswith(found)


@pytest.mark.parametrize("earlier", [[], [1_000], [1_000] * 3])
@pytest.mark.parametrize("rows", [0, 1_000, 10**9])
def test_a_short_history_says_nothing(rows, earlier):
    """A new client's first four weeks are let pass, whatever they hold."""
    assert judge_count(rows, earlier) is None


def test_a_holiday_and_an_outage_among_the_days_before_change_little():
    """The middle of eight days stands, though two of them were empty or tenfold."""
    assert judge_count(1_000, [*STEADY[:6], 0, 10_000]) is None
    assert judge_count(0, [*STEADY[:6], 0, 10_000]).startswith("unusually few events, 0: ")
    assert judge_count(9_000, [*STEADY[:6], 0, 10_000]) is not None


def test_a_new_level_is_usual_after_some_weeks():
    """A client that grows tenfold at once is told five times at most: then the middle is a new one."""
    days = [*STEADY]
    told = 0
    for _ in range(8):
        told += judge_count(10_000, days[:8]) is not None
        days.insert(0, 10_000)
    assert told <= 5


def count_alarms(level: float, spread: float, days: int = 2_000) -> float:
    """Return the share of alarms among days that differ by a log-normal factor, and by chance."""
    chance = random.Random(7)

    def draw() -> int:
        mean = level * math.exp(chance.gauss(0, spread))
        return max(0, round(chance.gauss(mean, math.sqrt(mean))))

    drawn = [draw() for _ in range(days)]
    found = [judge_count(rows, drawn[day - 8 : day]) for day, rows in enumerate(drawn) if day >= 8]
    return sum(said is not None for said in found) / len(found)


@pytest.mark.parametrize("level", [8, 50, 1_000, 50_000])
@pytest.mark.parametrize("spread, most", [(0.1, 0.007), (0.25, 0.018), (0.5, 0.05)])
def test_uneven_days_raise_few_alarms(level, spread, most):
    """Days that differ by 10%, 30% or 65%, at clients of any size."""
    assert count_alarms(level, spread) <= most
