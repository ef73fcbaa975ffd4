"""Which receivers have published what their files look like, and which fields of a destination say so?

A preset stands under the fields of its file, each of which still counts, and over the instance's defaults.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from event_delivery.destinations.fields import USUAL_ZONE, is_time_zone

Preset = Literal["none", "degreed_completions"]
_LONGEST_CLIENT = 60


def merge_fields(defaults: Mapping[str, Any], fields: Mapping[str, Any], destination_id: str) -> dict[str, Any]:
    """Return the fields of a file, over those of its preset, over the instance's defaults."""
    told = {**defaults, **fields, "id": destination_id}
    return {**defaults, **(expand_preset(told) if "preset" in fields else {}), **fields}


def expand_preset(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that a destination's preset stands for, none without one.

    Args:
        told: the destination's fields, its id among them, as they are written; wrong ones are told elsewhere.
    """
    if told.get("preset") != "degreed_completions":
        return {}
    return _describe_degreed(_name_client(told), _find_zone(told.get("timezone")))


def _describe_degreed(client: str, zone: str) -> dict[str, Any]:
    """Degreed's Completions Template: degreed.zendesk.com/hc/en-us/articles/4585824182940."""
    completed = {"name": "CompletionDate", "column": "timestamp", "time_format": "%Y%m%d", "timezone": zone}
    columns = [
        {"user": "UserID"},
        {"notifiableId": "CourseID"},
        completed,
        {"name": "ContentType", "constant": "Course"},
    ]
    return {
        "format": "csv",
        "columns": {"courseCompletion": columns},
        "file_name": f"{client}_Completions_File_{{day:%Y%m%d}}",
    }


def _name_client(told: Mapping[str, Any]) -> str:
    """Return the client's name as a file's name may have it."""
    plain = re.sub(r"[^A-Za-z0-9]+", "_", str(told.get("client", "")))[:_LONGEST_CLIENT].strip("_")
    return plain or str(told["id"])


def _find_zone(name: object) -> str:
    return name if isinstance(name, str) and is_time_zone(name) else USUAL_ZONE
