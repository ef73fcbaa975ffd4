"""Which columns does a client's file have, of which types, and what does an example look like?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from event_delivery.delivery import Delivery
from event_delivery.destinations.chosen_columns import ChosenColumn
from event_delivery.errors import MissingConnectionError, RetryableError
from event_delivery.extract.query import query_events
from event_delivery.extract.sample_file import read_sample
from event_delivery.extract.snapshot import open_snapshot
from event_delivery.extract.typed_columns import name_type
from event_delivery.extract.written_columns import WrittenColumn
from event_delivery.guide.examples import write_example, write_instant
from event_delivery.staging import Column, read_kept_columns


@dataclass(frozen=True)
class GuideColumn:
    """A column by its name in the file: its type in a word, whether it always has a value, and an example as text.

    `is_id`: it tells events apart. `constant`: what it holds in every event, None: it differs.
    """

    name: str
    type: str
    required: bool
    example: str
    told: str
    is_id: bool = False
    constant: str | None = None


def describe_columns(delivery: Delivery) -> list[GuideColumn]:
    """Return the columns of a delivery's file, as the source has them now.

    If it cannot be asked, as it had them when it was asked last; before it ever was, as the sample has them.

    Raises:
        PermanentError: the sample cannot be read, or nights would fail too.
    """
    known = {column.name: column for column in _find_columns(delivery)}
    leaves = read_sample(delivery.event_type.sample).leaves(known)
    examples = {name: leaf.value for name, leaf in leaves.items()}
    chosen: Sequence[ChosenColumn] = delivery.destination.columns_of(delivery.event) or [
        ChosenColumn(name=name, column=name) for name in (known or examples)
    ]
    return [_describe(delivery, each, known, examples) for each in chosen]


def _find_columns(delivery: Delivery) -> Sequence[Column]:
    try:
        with open_snapshot() as cursor:
            return query_events(cursor, delivery).columns
    except (MissingConnectionError, RetryableError):
        return read_kept_columns(delivery.event)


def _describe(
    delivery: Delivery, chosen: ChosenColumn, known: Mapping[str, Column], examples: Mapping[str, Any]
) -> GuideColumn:
    column = known.get(chosen.column) if chosen.column is not None else None
    kind = _name_type(delivery, chosen, column)
    if chosen.column is None:
        text = str(chosen.constant)
        return GuideColumn(chosen.title, kind, True, text, "the same in every event", constant=text)
    value, required = examples.get(chosen.column), chosen.column in ("id", "timestamp")
    if chosen.time_format or chosen.timezone:
        zone, written = chosen.timezone or "UTC", chosen.time_format or "ISO 8601 with its offset"
        example = write_instant(value, chosen.time_format, zone)
        told = f"an instant on the clock of {zone}, written as {written}"
        return GuideColumn(chosen.title, kind, required, example, told)
    kind, is_id = kind if column else _guess(chosen.column, value), chosen.column == "id"
    example = write_example(value, delivery.destination)
    return GuideColumn(chosen.title, kind, required, example, _tell(chosen.column), is_id)


def _name_type(delivery: Delivery, chosen: ChosenColumn, column: Column | None) -> str:
    """Return what a column's type is called towards the client, whose files may have types of their own."""
    written = WrittenColumn(chosen.title, column, chosen)
    return name_type(written) if delivery.destination.format == "parquet" else written.word


def _guess(name: str, value: Any) -> str:
    """Return a type in a word, of which only the sample tells."""
    kinds = ((bool, "boolean"), (int, "integer"), (float, "number"), ((dict, list), "JSON"))
    known = "instant" if name == "timestamp" else "text"
    return next((word for kind, word in kinds if isinstance(value, kind)), known)


def _tell(name: str) -> str:
    told = {"id": "tells events apart, in a file and over files", "timestamp": "when it happened, in UTC"}
    return told.get(name, "")
