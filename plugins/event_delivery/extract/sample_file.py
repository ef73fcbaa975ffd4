"""What does an event type's sample hold, column by column, and do its columns fit the statement's?"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from event_delivery.destinations.pairs import MOST_KIB
from event_delivery.errors import PermanentError
from event_delivery.extract.column_names import quote
from event_delivery.regular_file import read_regular_file

_Pairs = list[tuple[str, Any]]


@dataclass(frozen=True)
class Leaf:
    """One column's value in a sample: where it stands in the file's JSON, and what it is."""

    path: tuple[str, ...]
    value: Any


@dataclass(frozen=True)
class Sample:
    """A sample's file: its name, its text, where in its JSON the event stands, and the event."""

    name: str
    text: str
    place: tuple[str, ...]
    event: dict[str, Any]

    def leaves(self, columns: Collection[str] = ()) -> dict[str, Leaf]:
        """Return the event's values by column: objects are taken apart, unless one is a column's own value.

        Raises:
            PermanentError: two values would be one column's.
        """
        leaves: dict[str, Leaf] = {}
        for name, leaf in _flatten(self.event, "", self.place, columns):
            if name in leaves:
                raise PermanentError(f"include/samples/{self.name}: {quote(name)} stands in it twice.")
            leaves[name] = leaf
        return leaves


def read_sample(file: Path) -> Sample:
    """Return the sample of an event type: a JSON object, flat or nested, or a list of that one object.

    Raises:
        PermanentError: it is missing, no strict JSON, or not one event.
    """
    try:
        text = read_regular_file(file, MOST_KIB)
        content = json.loads(text, object_pairs_hook=_refuse_duplicates, parse_constant=_refuse_constant)
    except (OSError, ValueError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise PermanentError(f"include/samples/{file.name} cannot be read as JSON: {reason}.") from None
    listed = isinstance(content, list) and len(content) == 1
    event = content[0] if listed else content
    if not isinstance(event, dict):
        raise PermanentError(f"include/samples/{file.name}: wanted one event, a JSON object.")
    return Sample(file.name, text, ("0",) if listed else (), event)


def check_sample_names(sample: Sample, found: Collection[str], wanted: Sequence[str], statement: str) -> None:
    """Check that a sample has exactly a statement's columns, in whatever order.

    Raises:
        PermanentError: names those that are missing or too many.
    """
    missing = [quote(name) for name in wanted if name not in found]
    surplus = [quote(name) for name in found if name not in wanted]
    problems = [f"it lacks {', '.join(missing)}"] if missing else []
    problems += [f"it has {', '.join(surplus)} too many"] if surplus else []
    if problems:
        raise PermanentError(explain_misfit(sample, statement, problems))


def explain_misfit(sample: Sample, statement: str, problems: Sequence[str]) -> str:
    """Return how a sample differs from its statement's columns."""
    return f"include/samples/{sample.name} does not fit include/sql/{statement}: {'; '.join(problems)}."


def _flatten(
    event: dict[str, Any], prefix: str, path: tuple[str, ...], columns: Collection[str]
) -> Iterator[tuple[str, Leaf]]:
    for key, value in event.items():
        name, place = prefix + key, (*path, key)
        if isinstance(value, dict) and name not in columns:
            yield from _flatten(value, f"{name}.", place, columns)
        else:
            yield name, Leaf(place, value)


def _refuse_duplicates(pairs: _Pairs) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for key, value in pairs:
        if key in kept:
            raise ValueError(f"key {key!r} stands twice in one object")
        kept[key] = value
    return kept


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON; write it in quotes")
