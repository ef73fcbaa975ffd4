"""Which events do the completions of a real data set become, on which days, and for which clients?"""

import hashlib
import json
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from event_delivery.schedule.local_day import LocalDay

ZONE = "America/New_York"
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "completions")
Completion = dict[str, str]


def busiest_days(completions: list[Completion], days: int) -> tuple[date, date]:
    """Return the first and last of the so many days in a row that have the most completions."""
    counts = Counter(day_of_row(row) for row in completions)
    span = [timedelta(number) for number in range(days)]
    first = max(counts, key=lambda day: sum(counts[day + offset] for offset in span))
    return first, first + span[-1]


def clients(completions: list[Completion]) -> list[str]:
    """Return the modules, each a client."""
    return sorted({row["code_module"].lower() for row in completions})


def company_id(client: str) -> str:
    """Return the company whose events are the client's."""
    return str(uuid.uuid5(NAMESPACE, client))


def day_of_row(row: Completion) -> date:
    """Return the local day of a completion."""
    return date.fromisoformat(row["completed_on"])


def event_id(row: Completion) -> str:
    """Return an id that belongs to the row for ever."""
    return str(uuid.uuid5(NAMESPACE, "/".join(row.values())))


def make_rows(completions: list[Completion]) -> Iterator[tuple[Any, ...]]:
    """Yield rows of the demo's schema, spread over the whole of each local day."""
    for row in completions:
        digest = int.from_bytes(hashlib.sha256("/".join(row.values()).encode()).digest()[:8])
        day = LocalDay(day_of_row(row), ZONE)
        milliseconds = digest % int((day.end - day.start) / timedelta(milliseconds=1))
        detail = {"id": str(uuid.uuid5(NAMESPACE, row["id_student"])), "externalCustomerId": row["id_student"]}
        title = f"{row['code_module']} {row['code_presentation']}: {row['final_result']}"
        company = company_id(row["code_module"].lower())
        timestamp = day.start + timedelta(milliseconds=milliseconds)
        yield (
            event_id(row), "course_completed", timestamp, "status_change", f"{row['id_student']}@school.com",
            company, "courseCompletion", str(uuid.uuid5(NAMESPACE, title)), title, json.dumps(detail),
        )  # fmt: skip
