"""Which shape has the answer to an uptime check? It is stable: fields are added, none changes its meaning."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from event_delivery.page.answers.states import State


class LastNightHealth(TypedDict):
    """How many deliveries of the latest due days are in each state; None: the ledger cannot be read.

    `whole`: none of them is over without a delivery; `under_way`: so many are due, running or tried again.
    """

    whole: bool | None
    under_way: int
    undelivered: int
    states: dict[State, int]


class Beat(TypedDict):
    """Whether a part of Airflow lives, and when it last said so, ISO 8601 in UTC; None: never."""

    alive: bool
    seen_at: str | None


class UndeliveredNight(TypedDict):
    """A delivery of the last night that is over without one."""

    destination: str
    event: str
    day: str
    state: State


class Health(TypedDict):
    """Is the last night whole, and would anybody notice if not?

    `reasons`: why `healthy` is false, a sentence each, without names. `undelivered` and `ledger_error` are for
    those who are logged in; `undelivered` holds what they may read.
    """

    schema: int
    healthy: bool
    checked_at: str
    reasons: list[str]
    last_night: LastNightHealth
    scheduler: Beat
    dag_processor: Beat
    watch: Beat
    undelivered: NotRequired[list[UndeliveredNight]]
    ledger_error: NotRequired[str | None]
