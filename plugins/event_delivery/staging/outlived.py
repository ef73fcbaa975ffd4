"""Which files of a delivery's folder have outlived their days?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from event_delivery.limits import DAY
from event_delivery.staging.kept_name import parse_kept_name


@dataclass(frozen=True)
class Lifetimes:
    """For how many days files stay: staged ones untouched, kept ones since their delivery (None: unknown)."""

    staged: float
    kept: int | None


@dataclass(frozen=True)
class Outlived:
    """A file that is to leave the staging area, and how many days old it is: untouched, or since its delivery."""

    destination: str
    delivery: str
    name: str
    days: float
    is_kept: bool

    def __str__(self) -> str:
        """Name it for an operator."""
        since = "since it was delivered" if self.is_kept else "untouched"
        return f"{self.destination}, {self.delivery}/{self.name}: {self.days:.1f} days {since}"


def find_outlived(
    place: tuple[str, str], names: Sequence[str], touched: float, lifetimes: Lifetimes, now: float
) -> list[Outlived]:
    """Return the files that are to leave a delivery's folder.

    What was staged leaves when nobody has touched the folder for its days; a kept file by the moment in its name,
    which no touch changes. Where nobody can tell for how long it is kept, it stays.

    Args:
        place: the destination and the delivery's folder.
        names: what lies in the folder.
        touched: when the folder was changed last, seconds since the epoch.
        lifetimes: the days.
        now: seconds since the epoch.
    """
    untouched, found = (now - touched) / DAY, []
    for name in names:
        kept = parse_kept_name(name)
        days = (now - kept[0].delivered_at.timestamp()) / DAY if kept else untouched
        longest = lifetimes.kept if kept else lifetimes.staged
        if longest is not None and days > longest:
            found.append(Outlived(*place, name, days, kept is not None))
    return found
