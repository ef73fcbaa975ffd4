"""What does a request to act hold?"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator

from event_delivery.page.answers.shapes.action import Decision
from event_delivery.page.answers.shapes.delivery import Kind
from event_delivery.page.http.parameters import Day, Identifier, Instant
from event_delivery.schedule import Interval

Fingerprint = Annotated[str, Field(pattern=r"^SHA256:[A-Za-z0-9+/]{43}$", max_length=50)]
Said = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
_FILE_FIELDS = ("client", "company_id", "timezone", "deliver_at", "format", "path", "connection")


class Named(BaseModel):
    """An action on a destination."""

    model_config = ConfigDict(extra="forbid")
    destination: Identifier


class OfNight(Named):
    """An action on a delivery; of several that are called by one day its interval says which."""

    start: Instant | None = None
    end: Instant | None = None

    @property
    def interval(self) -> Interval | None:
        """The interval, if the action names one."""
        return Interval(self.start, self.end) if self.start and self.end else None


class OfDay(OfNight):
    """An action on a day, or on one event type of it; `exact`: byte for byte as it was delivered."""

    day: Day
    event: Identifier | None = None
    exact: bool = False


class OfBoarding(Named):
    """Who is taken on board; `url` is a secret. What is left out is the default's."""

    client: Said | None = None
    company_id: Said | None = None
    timezone: Said | None = None
    deliver_at: Said | None = None
    format: Said | None = None
    path: Said | None = None
    connection: Identifier | None = None
    url: SecretStr = Field(SecretStr(""), max_length=4_096)
    host_key: Fingerprint | None = None
    replace: bool = False
    keeps: bool = True

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """The fields of its file that were filled in, in the file's order."""
        told = ((name, getattr(self, name)) for name in _FILE_FIELDS)
        return tuple((name, value) for name, value in told if value)


class OfHeldFile(OfNight):
    """Which held file, by its sha256, is right."""

    day: Day
    event: Identifier
    sha256: str = Field(pattern=r"^[0-9a-f]{64}\z")


class OfDays(Named):
    """An action on the days from the first to the last."""

    first: Day = Field(alias="from")
    last: Day = Field(alias="to")


class OfHostKey(Named):
    """Which key of its server, by its fingerprint, is right."""

    fingerprint: Fingerprint


class OfPause(Named):
    """Whether to pause."""

    paused: bool


class OfUnconfirmed(OfNight):
    """What a person decided; of a destination's test files the latest is meant, whatever the day."""

    day: Day | None = None
    decision: Decision
    kind: Kind = "nightly"

    @model_validator(mode="after")
    def _need_day(self) -> Self:
        if self.kind == "nightly" and self.day is None:
            raise ValueError("wanted the day of the delivery")
        return self


class OfIncident(BaseModel):
    """An action that needs no more than the incident's number, which stands in the address."""

    model_config = ConfigDict(extra="forbid")


class OfSnooze(OfIncident):
    """Until when nothing is told of an incident, and why."""

    until: Instant
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
