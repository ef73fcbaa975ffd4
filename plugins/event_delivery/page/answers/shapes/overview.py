"""Which shape has the answer about every delivery of many destinations?"""

from __future__ import annotations

from typing import NotRequired, TypedDict

from event_delivery.page.answers.states import State, TestFileState


class Difference(TypedDict):
    """How many events a client lacks, and how many were deleted at the source since; None: nobody can tell."""

    late: int | None
    deleted: int | None


class Cell(TypedDict):
    """One delivery in a matrix of many; what is not known is left out. Instants are ISO 8601 in UTC.

    `deliveries`: that many are called by this day, and this is the worst. No backfill delivers what is missing and
    a `part` of a day, or what `has_run` already, without a delivery. A `refused` day was asked for by mistake, and
    counts nowhere. `differs`: from what the source held when last compared. `supplements`: so many brought what
    came late.
    """

    day: str
    event: str
    state: State
    attempt: NotRequired[int]
    next_at: NotRequired[str]
    delivered_at: NotRequired[str]
    first_delivered_at: NotRequired[str]
    rows: NotRequired[int | None]
    bytes: NotRequired[int | None]
    error: NotRequired[str]
    deliveries: NotRequired[int]
    part: NotRequired[bool]
    has_run: NotRequired[bool]
    refused: NotRequired[bool]
    differs: NotRequired[Difference]
    supplements: NotRequired[int]


class LatestTestFile(TypedDict):
    """What became of a destination's latest test file."""

    state: TestFileState
    at: str | None
    error: str | None


class Row(TypedDict):
    """One destination with its deliveries; `paused` is not known while Airflow does not know its DAG.

    Days from `start_date`, if there is one, to `last_over` can be delivered; the last that is due is `last_due`.
    `notice` says what the quarantine cost, what the schedule went past, and which file will outgrow its line.
    """

    id: str
    client: str
    events: list[str]
    format: str | None
    timezone: str
    deliver_at: str
    enabled: bool
    quarantined: str | None
    notice: str | None
    start_date: str | None
    last_over: str
    last_due: str
    paused: bool | None
    test_file: LatestTestFile
    worst: State
    cells: list[Cell]


class OverviewLimits(TypedDict):
    """The numbers that the page speaks of."""

    attempts: int
    late_seconds: int
    days: int
    usual_days: int


DaysRange = TypedDict("DaysRange", {"from": str, "to": str})


class Overview(DaysRange):
    """Every delivery of many destinations; `ledger_notice` says why there are none, if that has a reason."""

    days: list[str]
    now: str
    ledger_notice: str | None
    limits: OverviewLimits
    counts: dict[State, int]
    last_night: dict[State, int]
    destinations: list[Row]


class Permissions(TypedDict):
    """What the user may do; `onboard`: take a client on board, by the right to make Connections."""

    act: bool
    onboard: bool


class ServedOverview(Overview):
    """The overview as the page gets it; `capacity_notice` says which of Airflow's settings are too low."""

    capacity_notice: str | None
    may: Permissions
