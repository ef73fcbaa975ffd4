"""Where and how does each client receive events?"""

from __future__ import annotations

import hashlib
import re
from datetime import date, time, timedelta
from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictInt, ValidationInfo, field_validator, model_validator

from event_delivery.destinations.chosen_columns import EVERY
from event_delivery.destinations.contact import Contact
from event_delivery.destinations.fields import (
    USUAL_ZONE,
    Age,
    CalendarDate,
    ClientName,
    CompanyId,
    ConnectionId,
    EventTypes,
    HostKeys,
    NamedTemporarily,
    RemoteFolder,
    TimeZone,
    Wait,
    WallTime,
)
from event_delivery.destinations.file_name import list_placeholders
from event_delivery.destinations.presets import expand_preset
from event_delivery.destinations.shape import Shape
from event_delivery.destinations.split import check_split
from event_delivery.destinations.temporary_name import DEFAULT_TEMPORARY_NAME
from event_delivery.destinations.wait import length_of_wait
from event_delivery.limits import CONNECTIONS_PER_HOST, KEEP_DAYS, MAX_CONNECTIONS_PER_HOST, MAX_KEEP_DAYS
from event_delivery.schedule import LocalDay, NightlySchedule

MAX_WINDOW_DAYS = 90
MAX_TRANSFER_ID = 10**18 - 1  # a bigint in SQL
DESTINATION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


class Destination(Shape):
    """One destination, frozen; its fields are those of `include/destinations/<id>.yaml`.

    docs/destinations.md describes every field; a test holds the two together.
    """

    id: str = Field(exclude=True)
    client: ClientName
    company_id: CompanyId
    connection: ConnectionId = ""
    shared_connection: StrictBool = False
    path: RemoteFolder | None = None
    host_key: HostKeys = ()
    host_key_policy: Literal["pinned", "confirm", "first_contact"] = "first_contact"
    connections_per_host: Annotated[StrictInt, Field(ge=1, le=MAX_CONNECTIONS_PER_HOST)] = CONNECTIONS_PER_HOST
    legacy_algorithms: StrictBool = False
    create_folder: StrictBool = False
    upload_mode: Literal["auto", "rename", "direct"] = "auto"
    temporary_name: NamedTemporarily = DEFAULT_TEMPORARY_NAME
    check_size: StrictBool = True
    robot: StrictBool = False
    give_up_early: StrictBool = False
    events: EventTypes = Field(("courseCompletion",), validate_default=True)
    timezone: TimeZone = USUAL_ZONE
    deliver_at: WallTime = time(2, 0)
    deliver_by: WallTime | None = None
    deliver_within: Wait = "0m"
    wait_for_source: Wait = "2h"
    source_not_ready: Literal["deliver", "fail"] = "fail"
    unusual_count: Literal["flag", "hold"] = "flag"
    start_date: CalendarDate | None = None
    transfer_id: Annotated[StrictInt, Field(ge=0, le=MAX_TRANSFER_ID)] = -1
    catchup: StrictBool = False
    late_events: Literal["report", "supplement", "redeliver"] = "report"
    missing_days: Literal["report", "deliver"] = "report"
    late_window_days: Annotated[StrictInt, Field(ge=0, le=MAX_WINDOW_DAYS)] = 7
    keep_days: Annotated[StrictInt, Field(ge=0, le=MAX_KEEP_DAYS)] = KEEP_DAYS
    verify_after: Age = "0h"
    contact: Contact | None = None
    enabled: StrictBool = True

    @model_validator(mode="before")
    @classmethod
    def _derive_from_id(cls, fields: dict[str, object]) -> dict[str, object]:
        identifier = str(fields["id"])
        derived = {"connection": f"sftp_{identifier}", "transfer_id": derive_transfer_id(identifier)}
        return derived | expand_preset(fields) | fields

    @model_validator(mode="after")
    def _start_date_bounds_catchup(self) -> Destination:
        if self.catchup and self.start_date is None:
            raise ValueError("catchup is true: wanted a start_date, the first day to deliver")
        return self

    @model_validator(mode="after")
    def _shape_fits_events(self) -> Destination:
        for field in ("columns", "only"):
            if unknown := sorted({*getattr(self, field)} - {EVERY, *self.events}):
                raise ValueError(f"{field}: found {unknown[0]!r}, wanted event types of {', '.join(self.events)}")
        if len(self.events) > 1 and not {"event", "suffix"} & list_placeholders(self.file_name):
            raise ValueError("file_name: wanted {event} or {suffix}: several event types are delivered")
        check_split(self.split, self.format, self.companion, self.file_name)
        return self

    @field_validator("verify_after")
    @classmethod
    def _verify_no_robot(cls, value: str, info: ValidationInfo) -> str:
        if length_of_wait(value) and info.data.get("robot"):
            raise ValueError(
                "wanted 0h where robot is true: a robot takes every file away, so none can be verified"
            )
        return value

    @property
    def schedule(self) -> NightlySchedule:
        """When its days are delivered."""
        return NightlySchedule(self.timezone, self.deliver_at, self._starts_after)

    @property
    def _starts_after(self) -> timedelta:
        """Its share of `deliver_within`, which follows from its id alone: no other destination moves it."""
        digest = hashlib.sha256(f"starts {self.id}".encode()).digest()
        seconds = int(length_of_wait(self.deliver_within).total_seconds())
        return timedelta(seconds=int.from_bytes(digest[:8]) * seconds // 2**64)

    @property
    def source_wait(self) -> timedelta:
        """How long a run waits at most, from its start, for a source that is not complete."""
        return length_of_wait(self.wait_for_source)

    @property
    def verified_after(self) -> timedelta | None:
        """How old a delivered file is when the server is looked at once more; None: it is not."""
        return length_of_wait(self.verify_after) or None

    def day(self, day: date) -> LocalDay:
        """Return a date as this destination's local day."""
        return LocalDay(day, self.timezone)


def derive_transfer_id(destination_id: str) -> int:
    """Return the ten-digit number that stands in file names unless the destination names another."""
    digest = hashlib.sha256(destination_id.encode()).digest()
    return 1_000_000_000 + int.from_bytes(digest[:8]) % 9_000_000_000
