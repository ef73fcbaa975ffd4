"""What does a test file hold?"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from event_delivery.delivery import Delivery
from event_delivery.staging import Manifest, stage_file, write_manifest

SAMPLE_EVENT_TYPE = "courseCompletion"
_SAMPLE = Path(__file__).parents[3] / "include" / "samples" / "course_completion.json"


def stage_sample_event(delivery: Delivery) -> Manifest:
    """Stage the documented sample event, as `extract` stages real ones."""
    [event] = json.loads(_SAMPLE.read_text(encoding="utf-8"))
    with stage_file(delivery, delivery.staged_name) as target:
        target.write(_render(event, delivery.destination.format).encode())
    return write_manifest(delivery, delivery.staged_name, target.manifest(1, columns=list(_flatten(event))))


def _render(event: dict[str, Any], file_format: str) -> str:
    if file_format == "json":
        return json.dumps(event, ensure_ascii=False) + "\n"
    row = _flatten(event)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([row.keys(), row.values()])
    return text.getvalue()


def _flatten(event: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    row: dict[str, Any] = {}
    for key, value in event.items():
        row |= _flatten(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return row
