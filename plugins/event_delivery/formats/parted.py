"""How do staged events become the parts of a split file, each a whole file of its own?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import IO

from event_delivery.delivery import Delivery
from event_delivery.destinations.file_name import name_part, split_part
from event_delivery.destinations.split import MOST_PARTS, Split
from event_delivery.errors import PermanentError
from event_delivery.formats.packed import pack_blocks
from event_delivery.formats.reading import join_quoted
from event_delivery.formats.splitting import Cut, Cutter, Frame
from event_delivery.formats.text import find_mark, write_text
from event_delivery.staging import Manifest, StagedFile, stage_file

_ARRAY = Frame(b"[\n", b",\n", b"\n]\n", b"[]\n")
_BRACKETS = (b"[\n", b"]\n", b"[]\n")


def write_parts(delivery: Delivery, split: Split, staged: Manifest, events: IO[bytes]) -> Manifest:
    """Write the parts one behind the other into one staged file, and return what is known of it.

    Args:
        delivery: whose destination says what its files look like.
        split: how much one part may hold.
        staged: what is known of its staged events.
        events: these, open.

    Raises:
        PermanentError: there would be too many parts, or as `dress_events`.
        RetryableError: the staging area cannot be written.
    """
    tail, parts = split_part(delivery.destination.file_name)[1], list[tuple[int, int, str]]()
    with stage_file(delivery, delivery.file_name) as target:
        for number, cut in enumerate(_cut(delivery, split, staged, events), 1):
            if number > MOST_PARTS:
                raise _explain_many(delivery, staged)
            parts.append(_write_part(delivery, name_part(delivery.file_name, tail, number), cut, target))
    return target.manifest(staged.rows, parts=parts, part_tail=tail)


def _write_part(delivery: Delivery, name: str, cut: Cut, target: StagedFile) -> tuple[int, int, str]:
    before, sha256 = target.bytes, hashlib.sha256()
    for block in pack_blocks(delivery, cut.blocks, name):
        target.write(block)
        sha256.update(block)
    return cut.rows, target.bytes - before, sha256.hexdigest()


def _cut(delivery: Delivery, split: Split, staged: Manifest, events: IO[bytes]) -> Iterator[Cut]:
    destination = delivery.destination
    if destination.format == "json":
        rows = (line.removesuffix(b"\n").removesuffix(b",") for line in events if line not in _BRACKETS)
        return Cutter(rows, _ARRAY, split).cut()
    if destination.format == "ndjson":
        return Cutter(events, Frame(b"", b"", b"", b""), split).cut()
    records = write_text(delivery, list(staged.columns), _read_records(events))
    start = [next(records) for _ in range(bool(find_mark(destination.csv)) + destination.csv.header)]
    header = b"".join(start)
    return Cutter(records, Frame(header, b"", b"", header), split).cut()


def _read_records(events: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the records of CSV as PostgreSQL writes it, each with its line feed."""
    return (record + b"\n" for record in join_quoted(line.removesuffix(b"\n") for line in events))


def _explain_many(delivery: Delivery, staged: Manifest) -> PermanentError:
    return PermanentError(
        f"{delivery.destination.id}: split makes more than {MOST_PARTS:,} parts of {staged.rows:,} events, the "
        "most that one day may have. Nothing was sent. Let a part hold more: set split.rows or split.bytes larger."
    )
