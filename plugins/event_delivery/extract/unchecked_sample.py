"""How is a sample written where the source cannot be reached, so that PostgreSQL cannot write it?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from event_delivery.errors import PermanentError
from event_delivery.extract.column_names import find_clashes
from event_delivery.extract.rendering import UNQUOTED, json_pieces
from event_delivery.extract.sample_file import Sample, check_sample_names
from event_delivery.staging import Column

_QUOTED_IN_CSV = ('"', ",", "\n", "\r")


def render_unchecked(sample: Sample, columns: Sequence[Column], statement: str, file_format: str) -> str:
    """Return the sample as staged events, with the columns that were last checked, or else with its own.

    Raises:
        PermanentError: it does not fit the columns, or its own make no unambiguous file.
    """
    leaves = sample.leaves([column.name for column in columns])
    names = [column.name for column in columns] or list(leaves)
    check_sample_names(sample, leaves, names, statement)
    if clashes := list(find_clashes(names)):
        raise PermanentError(f"include/samples/{sample.name}: {'; '.join(clashes)}.")
    kinds = {column.name: column.kind for column in columns}
    values = [_fit_value(leaves[name].value, kinds.get(name)) for name in names]
    return _write_csv(names, values) if file_format == "csv" else _write_json(names, values)


def list_names(sample: Sample, columns: Sequence[Column]) -> list[str]:
    """Return the names of the columns that such a file has."""
    return [column.name for column in columns] or list(sample.leaves())


def _fit_value(value: Any, kind: str | None) -> Any:
    """Return a value as text where PostgreSQL would write its type so."""
    if value is None or isinstance(value, str) or kind is None or kind in UNQUOTED:
        return value
    return _write_text(value)


def _write_json(names: Sequence[str], values: Sequence[Any]) -> str:
    first, *others = json_pieces(names)
    texts = (json.dumps(value, ensure_ascii=False) for value in values)
    event = first + "".join(text + piece for text, piece in zip(texts, others, strict=True))
    return f"[\n{event}\n]\n"


def _write_csv(names: Sequence[str], values: Sequence[Any]) -> str:
    return "".join(",".join(_write_fields(row)) + "\n" for row in (names, values))


def _write_fields(row: Sequence[Any]) -> Iterator[str]:
    for value in row:
        text = "" if value is None else _write_text(value)
        quoted = value == "" or any(character in text for character in _QUOTED_IN_CSV)
        yield '"' + text.replace('"', '""') + '"' if quoted else text


def _write_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
