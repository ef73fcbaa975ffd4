"""What does a person or a script read of missing days?"""

from __future__ import annotations

import json
from itertools import groupby

from event_delivery.completeness.gaps import MissingDay
from event_delivery.completeness.missing_answer import Answer
from event_delivery.plain_text import escape_json


def render_table(answer: Answer) -> str:
    """Return missing days as lines, one for each day and event type, by destination; then what was started."""
    lines = []
    for destination, own in groupby(answer.missing, key=lambda day: day.destination):
        lines.append(destination)
        lines += [f"  {day.day}  {day.event}  {day.state}{_tell_part(day)}" for day in own]
    lines += [f"Started: {run.brings.destination} {run.brings.day} {run.brings.event}" for run in answer.started]
    return "\n".join([*lines, *answer.notes]) or "Nothing is missing."


def render_json(answer: Answer) -> str:
    """Return the same for scripts; instants in UTC."""
    started = [
        {
            "destination": run.brings.destination,
            "event": run.brings.event,
            "day": str(run.brings.day),
            "dag_id": run.dag_id,
            "run_id": run.run_id,
        }
        for run in answer.started
    ]
    missing = [_describe_day(day) for day in answer.missing]
    told = {"missing": missing, "started": started, "notes": [*answer.notes], "troubles": [*answer.troubles]}
    return escape_json(json.dumps(told, ensure_ascii=False, indent=2))


def _tell_part(day: MissingDay) -> str:
    return f"; {day.interval} cannot be delivered by itself: {day.obstacle}" if day.obstacle else ""


def _describe_day(day: MissingDay) -> dict[str, str | None]:
    return {
        "destination": day.destination,
        "event": day.event,
        "day": str(day.day),
        "from": day.interval.start.isoformat(),
        "to": day.interval.end.isoformat(),
        "state": day.state,
        "obstacle": day.obstacle,
    }
