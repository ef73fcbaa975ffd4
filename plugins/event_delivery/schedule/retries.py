"""When is a failed delivery tried again?"""

from event_delivery.limits import FIRST_RETRY, LONGEST_RETRY, RETRIES, RETRY_FACTOR


def retry_delay(attempt: int) -> int:
    """Return the seconds to wait after the attempt of this number, counted from 1.

    The promise to clients: 20 s doubling up to an hour, ten times, 12,300 s in all.
    """
    return min(FIRST_RETRY * RETRY_FACTOR ** (attempt - 1), LONGEST_RETRY)


def attempt_of(try_number: int, max_tries: int) -> int:
    """Return the attempt's number since the run was last cleared; Airflow's try number never starts anew."""
    return try_number - (max_tries - RETRIES)


def retry_window() -> int:
    """Return the seconds between the first attempt's end and the last attempt's start, waits alone."""
    return sum(retry_delay(attempt) for attempt in range(1, RETRIES + 1))
