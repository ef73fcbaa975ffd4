"""Which shape has the answer about a client that is taken on board?"""

from __future__ import annotations

from typing import TypedDict


class BoardingPlace(TypedDict):
    """Where a new destination would be kept: its Connection in Airflow's database, or a secrets backend is set."""

    database: bool
    folder: str
    writable: bool


class Boarding(TypedDict):
    """Which steps were taken, and which failed: why, a hint for us, the client's next e-mail.

    `fingerprint`: of the host key that the server showed, to be confirmed. `commands`: what keeps the destination
    elsewhere. `yaml`: its file; `written`: it is where it belongs. `aboard`: all was done.
    """

    done: list[str]
    failed: str | None
    hint: str | None
    email: str | None
    fingerprint: str | None
    commands: str | None
    file_name: str
    yaml: str | None
    written: bool
    aboard: bool
