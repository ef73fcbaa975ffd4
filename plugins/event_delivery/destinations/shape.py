"""In which shape does a client get its files: format, dialect, columns, name, packing and companions?"""

from __future__ import annotations

import json
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

from event_delivery.destinations.chosen_columns import EVERY, ChosenColumn, ColumnChoice, Filter, FilterChoice
from event_delivery.destinations.dialect import DEFAULT_DIALECT, Dialect
from event_delivery.destinations.file_name import DEFAULT_FILE_NAME, FileName, own_ending
from event_delivery.destinations.packing import COMPRESSED_ENDINGS, Companion, Compression, Encryption
from event_delivery.destinations.presets import Preset
from event_delivery.destinations.split import Split

Format = Literal["csv", "json", "ndjson", "parquet"]
_BYTES = ("format", "csv", "columns", "only", "compression", "encryption", "split")  # decide what a file holds


class Shape(BaseModel):
    """The fields of a destination that say what its files look like; the defaults are the contracted file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    preset: Preset = "none"
    format: Format = "json"
    csv: Dialect = DEFAULT_DIALECT
    columns: ColumnChoice = {}
    only: FilterChoice = {}
    file_name: FileName = DEFAULT_FILE_NAME
    compression: Compression = "none"
    encryption: Encryption | None = None
    companion: Companion = "none"
    split: Split | None = None
    empty_day: Literal["send", "skip", "fail"] = "send"

    @model_validator(mode="after")
    def _fits_together(self) -> Shape:
        if self.csv != DEFAULT_DIALECT and self.format != "csv":
            raise ValueError(f"csv: found options of CSV beside format: {self.format}; wanted format: csv")
        if self.format == "parquet" and self.compression != "none":
            raise ValueError(
                f"compression: found {self.compression!r} beside format: parquet, which compresses its columns "
                "itself; wanted 'none'"
            )
        return self

    @property
    def is_classic(self) -> bool:
        """Whether a file is what PostgreSQL rendered: CSV of the default dialect or the JSON array, unpacked."""
        return not self.token

    @property
    def has_plain_rows(self) -> bool:
        """Whether a file, once unpacked, has the rows of the contracted one."""
        fields = json.loads(self.token) if self.token else {}
        return not fields.keys() - {"compression", "encryption"}

    @property
    def is_text(self) -> bool:
        """Whether a file is text that a terminal shows."""
        is_ascii = self.encryption is not None and self.encryption.armor
        is_plain = self.format != "parquet" and self.compression == "none" and self.csv.encoding != "utf-16le"
        return is_ascii or (is_plain and self.encryption is None)

    @property
    def token(self) -> str:
        """What decides about a file's bytes beyond its format, as JSON; empty where all is the default."""
        fields = self.model_dump(mode="json", include={*_BYTES}, exclude_defaults=True)
        if fields.get("format") in ("csv", "json"):
            del fields["format"]
        return json.dumps(fields, sort_keys=True, ensure_ascii=False) if fields else ""

    def made_as(self, format: str, token: str) -> Self:
        """Return a destination as it was when a file of this format and token was made."""
        told = json.loads(token) if token else {}
        was = Shape(**{"file_name": self.file_name, "format": format} | told)
        return self.model_copy(update={name: getattr(was, name) for name in _BYTES})

    def filters_as(self, token: str, event: str) -> bool:
        """Tell whether a file of this token held the events that the destination wants today."""
        was = Shape(only=json.loads(token).get("only", {}) if token else {})
        return was.filter_of(event) == self.filter_of(event)

    def ending_of(self, template: str) -> str:
        """Return what follows the name that a template makes: the format's ending, if it has none of its own."""
        packed = COMPRESSED_ENDINGS[self.compression]
        packed += self.encryption.ending if self.encryption else ""
        return packed if own_ending(template) else f".{self.format}{packed}"

    def columns_of(self, event: str) -> tuple[ChosenColumn, ...]:
        """Return the columns that an event type's file has; none: all of its statement's."""
        return self.columns.get(event) or self.columns.get(EVERY) or ()

    def filter_of(self, event: str) -> Filter:
        """Return which events of a type go out, values by column, all of which must hold; none: every one."""
        return self.only.get(event) or self.only.get(EVERY) or {}
