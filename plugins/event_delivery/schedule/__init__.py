"""Which local day is delivered, when is that due, and when is it tried again?

`local_day`         which instants a local calendar day spans
`nightly_schedule`  when each day is due, and which one a run carries
`retries`           how long a failed delivery waits
"""

from event_delivery.schedule.local_day import (
    LocalDay,
    day_of,
    first_day_from,
    last_day_before,
    last_day_until,
)
from event_delivery.schedule.nightly_schedule import (
    BUILT_IN_SCHEDULE,
    NightlySchedule,
    RunDates,
    resolve_day,
    start_of,
)
from event_delivery.schedule.retries import attempt_of, retry_delay, retry_window

__all__ = [
    "BUILT_IN_SCHEDULE",
    "LocalDay",
    "NightlySchedule",
    "RunDates",
    "attempt_of",
    "day_of",
    "first_day_from",
    "last_day_before",
    "last_day_until",
    "resolve_day",
    "retry_delay",
    "retry_window",
    "start_of",
]
