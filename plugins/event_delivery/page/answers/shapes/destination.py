"""Which shape has the answer about one destination?"""

from __future__ import annotations

from typing import Literal, TypedDict

from event_delivery.page.answers.shapes.overview import LatestTestFile
from event_delivery.page.answers.shapes.reconciliation import Reconciliations
from event_delivery.page.answers.states import State

FieldValue = str | int | bool | list[str] | dict[str, str] | None
HostKeySource = Literal["yaml", "connection", "first contact, unconfirmed", "confirmed", "shown only"]


class HostKey(TypedDict):
    """A key of the server: why it counts, or that it was only shown; since when; and may the reader confirm it?"""

    fingerprint: str
    source: HostKeySource
    since: str | None
    confirmable: bool


class Behaviour(TypedDict):
    """What the latest delivery found out about the server."""

    remote_folder: str
    upload_mode: str
    takes_files: bool
    found_at: str


class ServerFacts(TypedDict):
    """The server's address, never a login; or what is wrong with its Connection."""

    kept: bool
    server: str | None
    server_error: str | None
    folder: str | None
    host_keys: list[HostKey]
    behaviour: Behaviour | None


class HistoryNight(TypedDict):
    """One night: `seconds` of transfer; if it was scheduled, `delay` in seconds from due to the first arrival."""

    day: str
    event: str
    state: State
    seconds: float | None
    bytes: int | None
    rows: int | None
    delay: int | None
    attempts: int


class HistoryLimits(TypedDict):
    """Seconds that a transfer may take, seconds from the first to the last attempt, and how many retries."""

    transfer: int
    window: int
    retries: int


class ClientFiles(TypedDict):
    """Which files a client gets; `may_show_values`: of learners, in a preview, to this reader."""

    events: list[str]
    format: str
    may_show_values: bool


class DestinationLinks(TypedDict):
    """Where in Airflow a destination is: paths below its root."""

    dag: str
    test_dag: str | None
    connection: str | None


class DestinationDetail(ServerFacts):
    """A destination's configuration as read, its server and its last nights.

    `notice` says what a quarantine cost in these nights, what the schedule went past, and which file will outgrow
    its line.
    """

    id: str
    client: str
    quarantined: str | None
    notice: str | None
    configuration: dict[str, FieldValue]
    test_file: LatestTestFile
    history: list[HistoryNight]
    limits: HistoryLimits
    reconciliations: Reconciliations
    links: DestinationLinks
    files: ClientFiles | None
