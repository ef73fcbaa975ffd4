"""Which part of its day is a run asked for: one event type, a supplement, or all of it?"""

from __future__ import annotations

from typing import Any

from event_delivery.delivery import name_kind
from event_delivery.orchestration.names import EVENT_PARAM, SUPPLEMENT_PARAM

_TOO_MANY = 10_000


def asked_supplement(run: Any) -> int:
    """Return the param `supplement` of a run, from 1, or 0: it delivers the whole day."""
    number: Any = (run.conf or {}).get(SUPPLEMENT_PARAM)
    is_number = isinstance(number, int | float) and not isinstance(number, bool)
    return int(number) if is_number and 0 < number < _TOO_MANY and number == int(number) else 0


def asks_for(event: str, run: Any) -> bool:
    """Tell whether a run delivers an event type: all of them, unless its param `event` names one."""
    return (run.conf or {}).get(EVENT_PARAM) in (None, event)


def kind_of(run: Any) -> str:
    """Return the kind of a run's deliveries: `nightly`, or `supplement-1` and so on."""
    return name_kind(asked_supplement(run))
