"""Who is told of which incident, and how, by include/alerts.yaml?"""

from __future__ import annotations

import os
import re
from datetime import time, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictInt,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from event_delivery.destinations.fields import TimeZone
from event_delivery.destinations.yaml_file import read_yaml
from event_delivery.errors import PermanentError
from event_delivery.incidents.kinds import KINDS, SEVERITIES, Severity
from event_delivery.incidents.sender import Sender, check_notifier
from event_delivery.ledger.incidents import IncidentRecord

SETTING = "EVENT_DELIVERY_ALERTS"
_HOURS = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")


def _hours(value: object) -> object:
    if value is None or (isinstance(value, str) and _HOURS.fullmatch(value)):
        return value
    raise ValueError('wanted two times of day in quotes, such as "07:00-22:00"')


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rule(_Strict):
    """Which incidents are told to which senders, and within which hours; what is not named is not asked for."""

    kinds: tuple[str, ...] = ()
    severity: Severity = SEVERITIES[0]
    destinations: tuple[str, ...] = ("*",)
    hours: Annotated[str | None, BeforeValidator(_hours)] = None
    outside: Literal["hold", "skip"] = "hold"
    send_to: tuple[str, ...]

    @property
    def span(self) -> tuple[time, time] | None:
        """From when to when it sends, of each day; None: always."""
        if self.hours is None:
            return None
        begin, end = map(time.fromisoformat, self.hours.split("-"))
        return begin, end

    def concerns(self, incident: IncidentRecord) -> bool:
        """Tell whether an incident is of its kinds, grave enough, and hits one of its destinations."""
        names = [hit.destination for hit in incident.hits]
        return (
            (not self.kinds or incident.kind in self.kinds)
            and SEVERITIES.index(incident.severity) >= SEVERITIES.index(self.severity)
            and ("*" in self.destinations or any(fnmatchcase(n, p) for n in names for p in self.destinations))
        )


class Alerts(_Strict):
    """What include/alerts.yaml says; `link` leads to the Deliveries page, for operators."""

    timezone: TimeZone = "America/New_York"
    link: str = ""
    retrying_after: Annotated[StrictInt, Field(ge=1, le=10)] = 5
    settle_minutes: Annotated[StrictInt, Field(ge=0, le=1_440)] = 15
    senders: dict[str, Sender] = {}
    contact_sender: str | None = None
    rules: tuple[Rule, ...] = ()

    @property
    def settle(self) -> timedelta:
        """For how long what flaps must not be seen before it is over."""
        return timedelta(minutes=self.settle_minutes)

    @field_validator("contact_sender")
    @classmethod
    def _name_a_sender(cls, name: str | None, info: ValidationInfo) -> str | None:
        senders = info.data.get("senders", {})
        if name and name not in senders:
            raise ValueError(f"found {name!r}, wanted one of: {', '.join(senders)}")
        return name

    @model_validator(mode="after")
    def _name_what_there_is(self) -> Alerts:
        for name in (name for rule in self.rules for name in rule.send_to):
            if name not in self.senders:
                raise ValueError(f"a rule names the sender {name!r}, wanted one of: {', '.join(self.senders)}")
        for kind in (kind for rule in self.rules for kind in rule.kinds):
            if kind not in KINDS:
                raise ValueError(f"a rule names the kind {kind!r}, wanted of: {', '.join(KINDS)}")
        return self


def alerts_file() -> Path:
    """Return the file of the rules: `EVENT_DELIVERY_ALERTS`, else include/alerts.yaml."""
    return Path(os.environ.get(SETTING) or Path(__file__).parents[3] / "include" / "alerts.yaml")


def read_alerts(file: Path | None = None) -> Alerts:
    """Return what the file says; without one, nobody is told of anything.

    Raises:
        PermanentError: it is wrong, names a notifier that cannot be made, or the setting names none that is there.
    """
    named, file = os.environ.get(SETTING) if file is None else None, file or alerts_file()
    if not os.path.lexists(file) and not named:
        return Alerts()
    try:
        alerts = Alerts(**read_yaml(file))
    except ValidationError as error:
        raise PermanentError(f"{file.name}: {_explain(error)}. Nobody is told of incidents.") from None
    except (OSError, ValueError) as error:
        why = error.strerror or type(error).__name__ if isinstance(error, OSError) else error
        place = f"{file}, which {SETTING} names" if named else file.name
        raise PermanentError(f"{place}: {why}. Nobody is told of incidents.") from None
    for name, sender in alerts.senders.items():
        check_notifier(name, sender)
    return alerts


def _explain(error: ValidationError) -> str:
    """Say where and what is wrong; no value is shown, which may be a secret."""
    problems = []
    for problem in error.errors(include_url=False, include_input=False)[:5]:
        place = ".".join(map(str, problem["loc"])) or "rules"
        problems.append(f"field '{place}': {problem['msg'].removeprefix('Value error, ')}")
    return "; ".join(problems)
