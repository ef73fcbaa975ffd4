"""What does a test file hold?"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from event_delivery.delivery import Delivery
from event_delivery.staging import STAGED_EVENTS, Manifest, stage_file, write_manifest

SAMPLE_EVENT_TYPE = "courseCompletion"
_SAMPLE = Path(__file__).parents[2] / "include" / "samples" / "course_completion.json"


def stage_sample_event(delivery: Delivery) -> Manifest:
    """Stage the documented sample event, as `extract` stages real ones."""
    [event] = json.loads(_SAMPLE.read_text(encoding="utf-8"))
    row = _flatten(event)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([row.keys(), row.values()])
    with stage_file(delivery, STAGED_EVENTS) as target:
        target.write(text.getvalue().encode())
    manifest = target.manifest(1, columns=[(name, "string") for name in row])
    return write_manifest(delivery, STAGED_EVENTS, manifest)


def _flatten(event: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    row: dict[str, Any] = {}
    for key, value in event.items():
        row |= _flatten(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return row
