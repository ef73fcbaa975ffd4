"""Which shape has the beginning of a file that nobody sends?"""

from __future__ import annotations

from typing import TypedDict


class Preview(TypedDict):
    """How a file begins, before it is packed, and in sentences what is to be known of it.

    `masked`: columns whose values were left in the database; `may_show`: the reader may see them.
    """

    file_name: str
    day: str | None
    text: str
    notes: list[str]
    masked: list[str]
    may_show: bool
