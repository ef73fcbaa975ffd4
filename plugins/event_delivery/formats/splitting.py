"""Where does one part of a split day end and the next begin? By its events alone, so the same each time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from event_delivery.destinations.split import Split

_BLOCK_BYTES = 1 << 18


class Frame(NamedTuple):
    """What stands before, between and after the events of each part, and all of one without any."""

    start: bytes
    between: bytes
    end: bytes
    empty: bytes


@dataclass
class Cut:
    """One part: how many events of it were read, and its bytes, to be read to their end before the next one's."""

    blocks: Iterator[bytes]
    rows: int = 0


class Cutter:
    """Cuts events, each as the bytes of the file, into parts; holds one event beyond the part that is read."""

    def __init__(self, events: Iterable[bytes], frame: Frame, split: Split) -> None:
        self._events = iter(events)
        self._frame, self._split = frame, split
        self._next = next(self._events, None)

    def cut(self) -> Iterator[Cut]:
        """Yield the parts in order, at least one, in constant memory."""
        is_first = True
        while is_first or self._next is not None:
            cut, is_first = Cut(iter(())), False
            cut.blocks = _join_blocks(self._fill(cut))
            yield cut

    def _fill(self, cut: Cut) -> Iterator[bytes]:
        if self._next is None:
            yield self._frame.empty
            return
        yield self._frame.start
        size = len(self._frame.start) + len(self._frame.end)
        while self._next is not None:
            event = self._frame.between + self._next if cut.rows else self._next
            size += len(event)
            if cut.rows and not self._fits(cut.rows + 1, size):
                break
            yield event
            cut.rows += 1
            self._next = next(self._events, None)
        yield self._frame.end

    def _fits(self, rows: int, size: int) -> bool:
        most = self._split
        return rows <= most.rows if most.rows is not None else size <= (most.bytes or 0)


def _join_blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in larger blocks."""
    held = bytearray()
    for piece in pieces:
        held += piece
        if len(held) >= _BLOCK_BYTES:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)
