"""Which task uploads, and when is it tried again?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.providers.sftp.operators.sftp import SFTPOperator
from airflow.sdk import RetryPolicy
from airflow.sdk.definitions.retry_policy import RetryDecision

from event_delivery.attempt import TASK_SECONDS, deliver_file, describe_reason
from event_delivery.delivery_link import DeliveryLink, delivery_of_upload
from event_delivery.destination import Destination
from event_delivery.errors import PermanentError
from event_delivery.retry import FIRST_DELAY_SECONDS, MAX_DELAY_SECONDS, RETRIES, attempt_of, retry_delay

ACCEPT_HOST_KEY = "accept_host_key"


class PromisedRetries(RetryPolicy):
    """Waits exactly as long as clients are promised, where Airflow's own back-off would add up to a third."""

    def __init__(self, give_up_early: bool = False) -> None:
        self.give_up_early = give_up_early

    def evaluate(
        self, exception: BaseException, try_number: int, max_tries: int, context: Any = None
    ) -> RetryDecision:
        """Return the delay before the next attempt, counted from the last clear, and the reason for it."""
        reason = describe_reason(exception)
        if self.give_up_early and isinstance(exception, PermanentError):
            return RetryDecision.fail(reason=reason)
        delay = timedelta(seconds=retry_delay(max(1, attempt_of(try_number, max_tries))))
        return RetryDecision.retry(delay=delay, reason=reason)


def promise_retries(destination: Destination) -> dict[str, Any]:
    """Return the task settings that clients are promised; a mapped task needs them beside the operator's own."""
    return {
        "retries": RETRIES,
        "retry_delay": timedelta(seconds=FIRST_DELAY_SECONDS),
        "retry_exponential_backoff": 2,
        "max_retry_delay": timedelta(seconds=MAX_DELAY_SECONDS),
        "retry_policy": PromisedRetries(destination.give_up_early),
        "execution_timeout": timedelta(seconds=TASK_SECONDS),
    }


class UploadOperator(SFTPOperator):
    """Sends a run's delivery file, of one event type or the test file, and keeps the ledger."""

    operator_extra_links = (DeliveryLink(),)
    template_fields = ()  # a client's text would be executed as a template

    def __init__(self, *, destination: Destination, event: str | None, **kwargs: Any) -> None:
        super().__init__(
            ssh_conn_id=destination.connection,
            remote_filepath="",
            deferrable=False,
            **(promise_retries(destination) | kwargs),
        )
        self.destination = destination
        self.event = event

    def execute(self, context: Any) -> dict[str, Any]:  # type: ignore[override]
        """Deliver; returns the file's name, remote path, rows, bytes, sha256 and the seconds it took."""
        delivery = delivery_of_upload(self, context)
        instance, run = context["ti"], context["dag_run"]
        retrying = attempt_of(instance.try_number, instance.max_tries) > 1
        accept = context["params"].get(ACCEPT_HOST_KEY)
        return deliver_file(delivery, run.dag_id, run.run_id, retrying, self.log, accept)
