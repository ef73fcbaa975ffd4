"""Which events of a month reach the source of seven clients, and when?

`COMPLETIONS=oulad_completions.csv` takes those of a real data set (see benchmarks/completions.py): of the
days in a row in which most of its clients have some, those with the most. Without it they are made up, as uneven.
"""

from __future__ import annotations

import csv
import os
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

LATE_SHARE, LATEST = 0.03, timedelta(days=5)
_MOST_A_DAY = 40
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "month")


@dataclass(order=True)
class Arrival:
    """An event, and when it reaches the source."""

    at: datetime
    happened: datetime
    client: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))


def company_of(client: str) -> str:
    """Return the company whose events are the client's."""
    return str(uuid.uuid5(_NAMESPACE, client))


def make_arrivals(clients: list[str], first: date, days: int) -> list[Arrival]:
    """Return the events of so many days in the order of their arrival: some come up to LATEST late."""
    chance = Random(13)
    arrivals = []
    for client, day in _read_days(clients, days) or _make_up_days(clients, days, chance):
        midnight = datetime(first.year, first.month, first.day, tzinfo=UTC) + timedelta(days=day)
        happened = midnight + chance.random() * timedelta(days=1)
        delay = chance.random() * LATEST if chance.random() < LATE_SHARE else timedelta()
        arrivals.append(Arrival(happened + delay, happened, client))
    return sorted(arrivals)


def _make_up_days(clients: list[str], days: int, chance: Random) -> list[tuple[str, int]]:
    """Return a client and a day's number for each event: from none to many a day."""
    return [
        (client, day)
        for client in clients
        for day in range(days)
        for _ in range(int(_MOST_A_DAY * chance.random() ** 2))
    ]


def _read_days(clients: list[str], days: int) -> list[tuple[str, int]]:
    """Return the same of the real ones, if they are named; each of its clients becomes one of ours."""
    if not (path := os.environ.get("COMPLETIONS")):
        return []
    with Path(path).open(newline="") as file:
        rows = [(row["code_module"], date.fromisoformat(row["completed_on"])) for row in csv.DictReader(file)]
    names = dict(zip(sorted({name for name, _ in rows}), clients, strict=True))

    def list_events(start: date) -> list[tuple[str, int]]:
        return [(names[name], (day - start).days) for name, day in rows if 0 <= (day - start).days < days]

    def judge(start: date) -> tuple[int, int]:
        events = list_events(start)
        return len({name for name, _ in events}), len(events)

    return list_events(max({day for _, day in rows}, key=judge))
