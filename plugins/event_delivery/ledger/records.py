"""What does the ledger say of a delivery, an attempt, a test file, a server?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from event_delivery.schedule import Interval


class NightRecord(NamedTuple):
    """What an overview of many nights needs of one nightly delivery; `rows`, `bytes` and times may be unknown.

    `compared_at`, `late`, `deleted`: when it was found to differ, and how. `arrivals`: of its supplements.
    """

    destination: str
    event: str
    interval: Interval
    state: str
    rows: int | None
    bytes: int | None
    delivered_at: datetime | None
    seconds: float | None
    attempts: int
    first_delivered_at: datetime | None
    first_attempt_at: datetime | None
    first_run_id: str | None
    last_error: str | None
    compared_at: datetime | None
    late: int | None
    deleted: int | None
    arrivals: list[datetime] | None


@dataclass(frozen=True)
class LatestTestFile:
    """What became of a destination's latest test file."""

    destination: str
    state: str
    at: datetime
    last_error: str | None


@dataclass(frozen=True)
class DeliveryRecord:
    """The whole record of one delivery, and of its file.

    `unready`, `unusual`: in a sentence each, that the source was not complete, and how the number of events is out
    of line. `held_sha256`: of the file that waits for a person's yes.
    """

    id: int
    destination: str
    event: str
    kind: str
    interval_start: datetime
    interval_end: datetime
    state: str
    file_name: str | None
    remote_path: str | None
    rows: int | None
    bytes: int | None
    sha256: str | None
    attempts: int
    first_attempt_at: datetime | None
    delivered_at: datetime | None
    seconds: float | None
    last_error: str | None
    permanent: bool | None
    profile: dict[str, Any] | None
    dag_id: str | None
    run_id: str | None
    replaces: str | None
    exact: bool
    unready: str | None
    unusual: str | None
    held_sha256: str | None


@dataclass(frozen=True)
class AttemptRecord:
    """One attempt to make a delivery; one without an end was cut off, or is under way."""

    attempt: int
    run_id: str | None
    started_at: datetime
    ended_at: datetime | None
    send_seconds: float | None
    bytes_sent: int | None
    error: str | None
    permanent: bool | None


@dataclass(frozen=True)
class KnownHostKey:
    """A host key that a server has shown, as an OpenSSH public key: trusted, or `shown only`."""

    public_key: str
    state: str
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True)
class FoundBehaviour:
    """What the latest delivery found out about a destination's server; the folder with its address."""

    remote_folder: str
    upload_mode: str
    takes_files: bool
    found_at: datetime
