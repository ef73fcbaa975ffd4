"""Which shape has the answer about the coming night? Scripts read it: keys may be added, none goes or changes."""

from __future__ import annotations

from typing import TypedDict


class Foreseen(TypedDict):
    """One thing that would fail, once for all that share it, and what to do.

    `destinations`: whose it is; empty: it concerns every one. `server`: host and port, if it has to do with one.
    """

    kind: str
    server: str | None
    destinations: list[str]
    told: str
    advice: str


class FineDestination(TypedDict):
    """A destination of which nothing was found; `server`: host and port, None: not known."""

    destination: str
    server: str | None


class PreflightAnswer(TypedDict):
    """What the coming night was last found to be. Instants are ISO 8601 in UTC.

    `looked_at`: when that look began, null: there was none. `is_current`: no other should have followed it by now.
    `looked`: over how many destinations that the reader may know of. `link`: the path of the DAG that looks.
    """

    now: str
    looked_at: str | None
    is_current: bool
    looked: int
    findings: list[Foreseen]
    fine: list[FineDestination]
    link: str
