"""How is an event described to a program: as JSON Schema, or as the dictionary of a table?"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from event_delivery.guide.columns import GuideColumn

_TYPES: dict[str, dict[str, Any]] = {
    "instant": {"type": "string", "format": "date-time"},
    "UUID": {"type": "string", "format": "uuid"},
    "date": {"type": "string", "format": "date"},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "text": {"type": "string"},
}
_NO_NUMBERS = ["NaN", "Infinity", "-Infinity"]  # JSON has no other way to say so


def write_json_schema(event: str, columns: Sequence[GuideColumn]) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of one event; a dot in a column's name is an object."""
    root = _object()
    for column in columns:
        *parents, key = column.name.split(".")
        place = root
        for parent in parents:
            if parent not in place["properties"]:
                place["required"].append(parent)
            place = place["properties"].setdefault(parent, _object())
        place["properties"][key] = _describe(column)
        place["required"].append(key)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": event, **root}


def _object() -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": [], "properties": {}}


def _describe(column: GuideColumn) -> dict[str, Any]:
    told = {"description": column.told} if column.told else {}
    if column.constant is not None:
        return {"const": column.constant} | told
    if column.type == "number":
        nothing: list[dict[str, Any]] = [] if column.required else [{"type": "null"}]
        return {"anyOf": [{"type": "number"}, {"enum": _NO_NUMBERS}, *nothing]} | told
    described = dict(_TYPES.get(column.type, {}))
    if described and not column.required:
        described["type"] = [described["type"], "null"]
    return described | told


def write_dictionary(columns: Sequence[GuideColumn]) -> str:
    """Return the columns as CSV: name, type, whether a value may be missing, example, remark."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["column", "type", "may be missing", "example", "remark"])
    for each in columns:
        missing = "no" if each.required else "yes"
        writer.writerow([each.name, each.type, missing, each.example, each.told])
    return text.getvalue()
