"""Which local day is delivered, when is that due, and when is it tried again?

`local_day`         which instants a local calendar day spans
`nightly_schedule`  when each day is due, and which one a manual run asks for
`intervals`         which instants a run covers, and which run comes next
`coverage`          which periods no interval has covered
`retries`           how long a failed delivery waits
"""

from event_delivery.schedule.coverage import find_uncovered, split_into_days
from event_delivery.schedule.intervals import (
    LONGEST_INTERVAL,
    Interval,
    begin_of,
    date_of,
    due_of,
    interval_of,
    local_day_of,
    may_be_called,
    next_interval,
    refuse_interval,
    write_instant,
)
from event_delivery.schedule.local_day import (
    LocalDay,
    day_of,
    first_day_from,
    last_day_before,
    last_day_until,
    named_day,
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
    "LONGEST_INTERVAL",
    "Interval",
    "LocalDay",
    "NightlySchedule",
    "RunDates",
    "attempt_of",
    "begin_of",
    "date_of",
    "day_of",
    "due_of",
    "find_uncovered",
    "first_day_from",
    "interval_of",
    "last_day_before",
    "last_day_until",
    "local_day_of",
    "may_be_called",
    "named_day",
    "next_interval",
    "refuse_interval",
    "resolve_day",
    "retry_delay",
    "retry_window",
    "split_into_days",
    "start_of",
    "write_instant",
]
