"""In which encoding and with which line ends is a CSV file written?

PostgreSQL renders UTF-8 with line feeds; a line feed within a value stays what the learner typed.
"""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator

from event_delivery.delivery import Delivery
from event_delivery.destinations.dialect import Dialect, Encoding
from event_delivery.errors import PermanentError
from event_delivery.formats.reading import LARGEST_FIELD

_CODECS = {
    "utf-8": ("utf-8", b""),
    "utf-8-bom": ("utf-8", codecs.BOM_UTF8),
    "utf-16le": ("utf-16-le", codecs.BOM_UTF16_LE),
    "windows-1252": ("cp1252", b""),
    "latin-1": ("latin-1", b""),
}


def write_text(delivery: Delivery, columns: list[str], blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what PostgreSQL rendered as the destination's dialect has it.

    Args:
        delivery: whose file it is.
        columns: names of the file's columns, in order, for messages.
        blocks: UTF-8 that ends anywhere.

    Raises:
        PermanentError: names the event and the character that the encoding lacks, or the value that needs quotes.
    """
    dialect = delivery.destination.csv
    codec, mark = _CODECS[dialect.encoding]
    writer = _Writer(delivery, columns, codec)
    if mark:
        yield mark
    for block in blocks:
        if text := writer.convert(block):
            yield text


def read_text(encoding: Encoding, content: bytes) -> str:
    """Return a file of an encoding as text, without its mark, and without a last character that is cut off."""
    codec, mark = _CODECS[encoding]
    return codecs.getincrementaldecoder(codec)().decode(content.removeprefix(mark))


def find_mark(dialect: Dialect) -> bytes:
    """Return what stands before the first character of a file; empty: nothing does."""
    return _CODECS[dialect.encoding][1]


class _Writer:
    """Where in the file the text is: how many records are over, and what of the next one came already."""

    def __init__(self, delivery: Delivery, columns: list[str], codec: str) -> None:
        self._delivery, self._columns, self._codec = delivery, columns, codec
        self._dialect: Dialect = delivery.destination.csv
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._is_quoted = False
        self._records = 0
        self._begun = ""

    def convert(self, block: bytes) -> bytes:
        text = self._decoder.decode(block)
        if self._dialect.quote == "none" and '"' in text:
            self._refuse(text, text.index('"'), "a value needs quotes, which csv.quote forbids")
        written = self._end_lines(text)
        try:
            encoded = written.encode(self._codec)
        except UnicodeEncodeError as error:
            encoded = self._replace(text, written, error)
        self._go_on(text)
        return encoded

    def _end_lines(self, text: str) -> str:
        """Give each record its end; between two quotes a line feed is a value's own."""
        if self._dialect.line_end == "lf":
            return text
        pieces = text.split('"')
        for at in range(int(self._is_quoted), len(pieces), 2):
            pieces[at] = pieces[at].replace("\n", "\r\n")
        return '"'.join(pieces)

    def _replace(self, text: str, written: str, error: UnicodeEncodeError) -> bytes:
        if not self._dialect.replacement:
            character = written[error.start]
            name = f"U+{ord(character):04X} {unicodedata.name(character, '')}".strip()
            said = (
                f"{self._dialect.encoding} has no character {name}; set csv.replacement, or another csv.encoding"
            )
            self._refuse(text, text.index(character), said)
        lacking = {ord(each): self._dialect.replacement for each in {*written} if not self._has(each)}
        return written.translate(lacking).encode(self._codec)

    def _has(self, character: str) -> bool:
        try:
            character.encode(self._codec)
        except UnicodeEncodeError:
            return False
        return True

    def _go_on(self, text: str) -> None:
        pieces = text.split('"')
        for at, piece in enumerate(pieces):
            if at:
                self._is_quoted = not self._is_quoted
            if self._is_quoted or "\n" not in piece:
                self._begun += ('"' if at else "") + piece
            else:
                self._records += piece.count("\n")
                self._begun = piece.rpartition("\n")[2]

    def _refuse(self, text: str, at: int, why: str) -> None:
        """Raise what is wrong with the record around a place of the text."""
        self._go_on(text[:at])
        end = text.find("\n", at)
        column = self._columns[max(0, len(self._split(self._begun)) - 1)]
        event = self._name_event(self._begun + text[at : end if end >= 0 else len(text)])
        raise PermanentError(f"{self._delivery.destination.id}: {event}, column {column!r}: {why}.")

    def _name_event(self, record: str) -> str:
        """Name an event by its id, where the file has that, else by its place in the day."""
        number = self._records + (0 if self._dialect.header else 1)
        if number == 0:
            return "the header"
        chosen = self._delivery.destination.columns_of(self._delivery.event)
        titles = [each.title for each in chosen if each.column == "id"] if chosen else ["id"]
        place = self._columns.index(titles[0]) if titles else len(self._columns)
        fields = self._split(record)
        return f"event {fields[place]}" if place < len(fields) else f"event {number} of the day"

    def _split(self, record: str) -> list[str]:
        """Return the values of a record, of which the last may have no end yet."""
        csv.field_size_limit(LARGEST_FIELD)
        return next(csv.reader(io.StringIO(record, newline=""), delimiter=self._dialect.delimiter), [])
