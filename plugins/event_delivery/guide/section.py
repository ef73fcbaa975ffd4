"""What is a part of a client's guide?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """A heading, sentences as paragraphs, and a table: its head, and its rows."""

    title: str
    paragraphs: Sequence[str]
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
