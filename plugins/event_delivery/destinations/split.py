"""Into which parts is a large day split, and what does that ask of a destination's other fields?"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictInt, model_validator

from event_delivery.destinations.file_name import list_placeholders

MOST_PARTS = 1_000
_FEWEST_BYTES, _MOST = 16_384, 10**12


class Split(BaseModel):
    """How much one part holds at most: events, or bytes before it is packed, one of the two."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: Annotated[StrictInt, Field(ge=1, le=_MOST)] | None = None
    bytes: Annotated[StrictInt, Field(ge=_FEWEST_BYTES, le=_MOST)] | None = None

    @model_validator(mode="after")
    def _is_one_measure(self) -> Split:
        if (self.rows is None) == (self.bytes is None):
            raise ValueError("wanted rows or bytes, one of the two, such as {rows: 500000}")
        return self


def check_split(split: Split | None, format: str, companion: str, file_name: str) -> None:
    """Refuse a split file of Parquet, or without a manifest, and a lonely `{part}`; raises ValueError."""
    if split is None:
        if "part" in list_placeholders(file_name):
            raise ValueError("file_name: found {part}, wanted that only beside split")
        return
    if companion != "manifest":
        raise ValueError(
            f"split: found companion: {companion}, wanted companion: manifest, which names all parts and "
            "comes last: nothing else tells a client that a day is whole"
        )
    if format == "parquet":
        raise ValueError(
            "split: found format: parquet beside it, a file of which readers take in row groups anyhow; wanted "
            "csv, json or ndjson"
        )
