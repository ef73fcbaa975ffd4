"""How large were destinations' files of late, and how long did they take?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from event_delivery.ledger.statements import run_statement

if TYPE_CHECKING:
    from psycopg import Connection

WEEKS, FEWEST_NIGHTS = 8, 4  # looked back; of a week, for its largest file to say something


@dataclass(frozen=True)
class LargestOfWeek:
    """The bytes of a week's largest file of one event type; `weeks_ago` 0 is the week to the latest night.

    `seconds`: of the attempt that delivered it, None: none has.
    """

    destination: str
    event: str
    format: str | None
    weeks_ago: int
    bytes: int
    seconds: float | None


def read_largest_of_weeks(
    connection: Connection[Any], destinations: Sequence[str] | None, now: datetime
) -> list[LargestOfWeek]:
    """Return the largest file of each of the last weeks, of these destinations or of all (None), latest first.

    A week's largest compares the same weekdays. Nights that failed count, parts of days do not, nor does a week of
    fewer than four nights.
    """
    asked = None if destinations is None else list(destinations)
    values = {"destinations": asked, "now": now, "weeks": WEEKS, "nights": FEWEST_NIGHTS}
    return [LargestOfWeek(*row) for row in run_statement(connection, "read_largest_of_weeks.sql", values)]
