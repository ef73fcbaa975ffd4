"""Are failed deliveries tried again exactly as promised?"""

from datetime import timedelta

import pytest
from airflow.sdk import RetryAction

from event_delivery.errors import PermanentError, RetryableError
from event_delivery.orchestration.upload_operator import PromisedRetries
from event_delivery.schedule.retries import RETRIES, attempt_of, retry_delay


def test_ten_waits_are_the_promised_ones():
    """20 s doubling up to an hour: 12,300 s in all."""
    waits = [retry_delay(attempt) for attempt in range(1, RETRIES + 1)]
    assert waits == [20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]
    assert sum(waits) == 12_300


def test_a_cleared_run_starts_the_schedule_anew():
    """Airflow's try number goes on after a clear, and so does max_tries."""
    policy = PromisedRetries()
    first = policy.evaluate(RetryableError("busy"), try_number=1, max_tries=10)
    cleared = policy.evaluate(RetryableError("busy"), try_number=12, max_tries=21)
    assert first.retry_delay == cleared.retry_delay == timedelta(seconds=20)
    assert attempt_of(12, 21) == 1


@pytest.mark.parametrize("error", [PermanentError("host:22: refused"), RetryableError("host:22: busy")])
def test_the_reason_of_a_retry_is_the_sentence_of_the_failure(error):
    """The operator reads it in the stored retry reason."""
    assert PromisedRetries().evaluate(error, 3, 10).reason == str(error)


def test_a_foreign_exception_s_text_is_not_passed_on():
    """It may hold anything, a password too."""
    assert "hunter2" not in PromisedRetries().evaluate(ValueError("hunter2"), 1, 10).reason


@pytest.mark.parametrize("early", [False, True])
@pytest.mark.parametrize("error", [PermanentError("no such folder"), RetryableError("disk full"), ValueError("x")])
def test_only_permanent_errors_end_a_delivery_early_and_only_where_asked(early, error):
    """The promise of ten retries holds by default, whatever the reason; the reason is kept either way."""
    decision = PromisedRetries(early).evaluate(error, 1, 10)
    gives_up = early and isinstance(error, PermanentError)
    assert decision.action == (RetryAction.FAIL if gives_up else RetryAction.RETRY)
    assert decision.reason.startswith("Unexpected ValueError" if isinstance(error, ValueError) else str(error))


def test_what_nobody_can_tell_is_not_tried_again():
    """A person decides; a retry could only ask again, or make a second copy."""
    from event_delivery.orchestration.upload_operator import PromisedRetries
    from event_delivery.upload import UnconfirmedError

    decision = PromisedRetries().evaluate(UnconfirmedError("it is gone"), try_number=1, max_tries=10)
    assert (decision.action.value, decision.reason) == ("fail", "it is gone")
