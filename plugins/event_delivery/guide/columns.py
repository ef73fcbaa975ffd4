"""Which columns does a client's file have, of which types, and what does an example look like?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from event_delivery.delivery import Delivery
from event_delivery.destinations.chosen_columns import ChosenColumn
from event_delivery.extract.sample_file import read_sample
from event_delivery.staging import Column, read_kept_columns

_WORDS = {
    "timestamptz": "instant", "uuid": "UUID", "bool": "boolean", "int2": "integer", "int4": "integer",
    "int8": "integer", "float4": "number", "float8": "number", "numeric": "number", "date": "date",
    "json": "JSON", "jsonb": "JSON",
}  # fmt: skip


@dataclass(frozen=True)
class GuideColumn:
    """A column by its name in the file: its type in a word, whether it may be without a value, and an example."""

    name: str
    type: str
    required: bool
    example: Any
    told: str


def describe_columns(delivery: Delivery) -> list[GuideColumn]:
    """Return the columns of a delivery's file, as the source had them when it was last asked.

    Types are those of the statement; before the source was ever asked, those of the sample.

    Raises:
        PermanentError: the event type's sample cannot be read.
    """
    kept = {column.name: column for column in read_kept_columns(delivery.event)}
    leaves = read_sample(delivery.event_type.sample).leaves(kept)
    examples = {name: leaf.value for name, leaf in leaves.items()}
    chosen = delivery.destination.columns_of(delivery.event)
    listed: Sequence[ChosenColumn] = chosen or [
        ChosenColumn.model_construct(name=name, column=name, constant=None, time_format=None, timezone=None)
        for name in (kept or examples)
    ]
    return [_describe(each, kept, examples) for each in listed]


def _describe(chosen: ChosenColumn, kept: Mapping[str, Column], examples: Mapping[str, Any]) -> GuideColumn:
    if chosen.column is None:
        return GuideColumn(chosen.title, "text", True, chosen.constant, "the same in every event")
    column = kept.get(chosen.column)
    kind = _WORDS.get(column.kind, "text") if column else _guess(chosen.column)
    required = chosen.column in ("id", "timestamp")
    if chosen.time_format or chosen.timezone:
        zone, written = chosen.timezone or "UTC", chosen.time_format or "ISO 8601 with its offset"
        return GuideColumn(chosen.title, "text", required, None, f"an instant in {zone}, written as {written}")
    return GuideColumn(chosen.title, kind, required, examples.get(chosen.column), _tell(chosen.column))


def _guess(name: str) -> str:
    return "instant" if name == "timestamp" else "text"


def _tell(name: str) -> str:
    told = {"id": "tells events apart, in a file and over files", "timestamp": "when it happened, UTC"}
    return told.get(name, "")
