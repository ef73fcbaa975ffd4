"""How does a test write an event type as a data engineer does?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from event_delivery.delivery import Delivery
from event_delivery.extract.events import extract_events
from event_delivery.formats.delivery_file import format_staged_events

ID = "00000000-0000-4000-8000-000000000000"
OF_THE_DAY = (
    "from (values (%(company_id)s)) as event (company) "
    "where %(interval_start)s <= timestamptz '2026-03-09 17:00Z' "
    "and timestamptz '2026-03-09 17:00Z' < %(interval_end)s"
)


def write_event_type(include: Path, columns: str, sample: Any = None, source: str = OF_THE_DAY) -> None:
    """Let courseCompletion return these columns beside id and timestamp."""
    required = f"uuid '{ID}' as id, timestamptz '2026-03-09 17:00Z' as \"timestamp\""
    write_statement(include, f"select {required}, {columns} {source}")
    if sample is not None:
        write_sample(include, {"id": ID, "timestamp": "2026-03-09T17:00:00.000Z", **sample})


def write_statement(include: Path, statement: str) -> None:
    (include / "sql/course_completion.sql").write_text(statement, encoding="utf-8")


def write_sample(include: Path, sample: Any) -> None:
    text = sample if isinstance(sample, str) else json.dumps(sample)
    (include / "samples/course_completion.json").write_text(text, encoding="utf-8")


def render_night(delivery: Delivery) -> str:
    """Return the delivery file of the day."""
    extract_events(delivery)
    return Path(format_staged_events(delivery).path).read_bytes().decode()
