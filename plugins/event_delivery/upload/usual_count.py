"""Is a day's number of events out of line with those of the same weekday before? Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

FEWEST_EARLIER, MOST_EARLIER = 4, 8
_CUTOFF = 3.5
_LEAST_SPREAD = 0.19
_TO_DEVIATION = 1.4826  # of a normal distribution, from its median absolute deviation
_NEVER_NONE = 4


def judge_count(rows: int, earlier: Sequence[int]) -> str | None:
    """Return in a few words how a number of events is out of line with earlier days', or None: it is not.

    Fewer than four earlier days say nothing. Else two scores must both pass 3.5. One is the modified z-score of
    Iglewicz and Hoaglin, "How to Detect and Handle Outliers" (1993), with their cutoff, on log(1 + rows): days
    differ by factors. Its spread is 1.4826 times the median absolute deviation; at least 0.19, so that at even
    days half and twice the median are out of line, and little else is; and at least 1 / sqrt(1 + median), which is
    what chance makes of small numbers. The other score is the distance from the median in units of chance alone.
    No events at all are out of line where each of the days before had four at least: chance makes none of four
    once in 55 days (e^-4).
    """
    if len(earlier) < FEWEST_EARLIER:
        return None
    if rows == 0 and min(earlier) >= _NEVER_NONE:
        return _describe("no events", earlier)
    score = min(_score_factor(rows, earlier), _score_chance(rows, median(earlier)), key=abs)
    if abs(score) <= _CUTOFF:
        return None
    return _describe(f"unusually {'many' if score > 0 else 'few'} events, {rows:,}", earlier)


def _score_factor(rows: int, earlier: Sequence[int]) -> float:
    logarithms = [math.log1p(number) for number in earlier]
    middle = median(logarithms)
    deviation = _TO_DEVIATION * median(abs(number - middle) for number in logarithms)
    spread = max(deviation, _LEAST_SPREAD, 1 / math.sqrt(1 + median(earlier)))
    return (math.log1p(rows) - middle) / spread


def _score_chance(rows: int, usual: float) -> float:
    """Return how far two numbers differ by the transform of Anscombe (Biometrika, 1948), of variance 1."""
    return 2 * (math.sqrt(rows + 3 / 8) - math.sqrt(usual + 3 / 8))


def _describe(found: str, earlier: Sequence[int]) -> str:
    usual = f"{min(earlier):,} to {max(earlier):,}, {median(earlier):,.0f} in the middle"
    return f"{found}: the last {len(earlier)} days of this weekday had {usual}"
