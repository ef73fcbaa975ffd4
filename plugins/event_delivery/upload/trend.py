"""By how much do sizes grow from week to week? Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

FEWEST_WEEKS = 4
_CONFIDENCE = 1.645  # of a normal distribution: 90 of 100 lie within


@dataclass(frozen=True)
class Trend:
    """The size (bytes) at week 0, and by which factor it grows each week: usual, at the least, at the most."""

    bytes: float
    growth: float
    least: float
    most: float

    def weeks_until(self, size: float, growth: float) -> float:
        """Return after how many weeks the size is reached at this growth; 0: it is, infinite: never."""
        if self.bytes >= size:
            return 0.0
        return math.log(size / self.bytes) / math.log(growth) if growth > 1 else math.inf


def find_trend(sizes: Sequence[tuple[int, int]]) -> Trend | None:
    """Return the trend of sizes, each with how many weeks ago it was; None: fewer than four weeks say nothing.

    The median of the slopes between any two weeks, on the logarithm, which one week out of line does not change
    (Sen, "Estimates of the Regression Coefficient Based on Kendall's Tau", 1968), and his bounds at 90 of 100.
    """
    if len({weeks_ago for weeks_ago, _ in sizes}) < FEWEST_WEEKS:
        return None
    points = [(-weeks_ago, math.log(size)) for weeks_ago, size in sizes]
    slopes = sorted((one[1] - two[1]) / (one[0] - two[0]) for one, two in combinations(points, 2))
    slope, skipped = median(slopes), _count_outside(len(points), len(slopes))
    level = median(size - slope * week for week, size in points)
    bounds = slopes[skipped], slopes[-1 - skipped]
    return Trend(math.exp(level), *(math.exp(each) for each in (slope, *bounds)))


def _count_outside(points: int, slopes: int) -> int:
    deviation = math.sqrt(points * (points - 1) * (2 * points + 5) / 18)
    return max(0, math.floor((slopes - _CONFIDENCE * deviation) / 2))
