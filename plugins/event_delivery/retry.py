"""When is a failed delivery tried again?"""

RETRIES = 10
FIRST_DELAY_SECONDS = 20
FACTOR = 2
MAX_DELAY_SECONDS = 3600


def retry_delay(attempt: int) -> int:
    """Return the seconds to wait after the attempt of this number, counted from 1.

    The promise to clients: 20 s doubling up to an hour, ten times, 12,300 s in all.
    """
    return min(FIRST_DELAY_SECONDS * FACTOR ** (attempt - 1), MAX_DELAY_SECONDS)


def attempt_of(try_number: int, max_tries: int) -> int:
    """Return the attempt's number since the run was last cleared; Airflow's try number never starts anew."""
    return try_number - (max_tries - RETRIES)
