"""Which task uploads, when is it tried again, and where on the Deliveries page does it lead to?"""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.providers.sftp.operators.sftp import SFTPOperator
from airflow.sdk import BaseOperatorLink, RetryPolicy
from airflow.sdk.definitions.retry_policy import RetryDecision

from event_delivery.destinations import Destination
from event_delivery.errors import PermanentError, RefusedError, describe_reason
from event_delivery.limits import FIRST_RETRY, LIMITS, LONGEST_RETRY, RETRIES, RETRY_FACTOR
from event_delivery.orchestration.assets import tell_arrival
from event_delivery.orchestration.exact_redelivery import delivery_as_kept, is_exact, stage_exact
from event_delivery.orchestration.host_wait import deliver_in_turn, find_first_wait
from event_delivery.orchestration.lineage import describe_lineage
from event_delivery.orchestration.links import airflow_url, link_delivery, page_href
from event_delivery.orchestration.metrics import count_delivered, counting_failure
from event_delivery.orchestration.recording import recording_failure
from event_delivery.orchestration.run_delivery import check_run, delivery_of_task, refuse_accepting
from event_delivery.orchestration.staging_again import ensure_staged
from event_delivery.orchestration.uploading_run import describe_upload_run
from event_delivery.schedule import attempt_of, date_of, retry_delay, write_instant
from event_delivery.upload import UnconfirmedError

if TYPE_CHECKING:
    from airflow.providers.openlineage.extractors import OperatorLineage

    from event_delivery.delivery import Delivery
    from event_delivery.upload import DeliveredFile


class PromisedRetries(RetryPolicy):
    """Waits exactly as long as clients are promised, where Airflow's own back-off may double a wait."""

    def __init__(self, give_up_early: bool = False) -> None:
        self.give_up_early = give_up_early

    def evaluate(
        self, exception: BaseException, try_number: int, max_tries: int, context: Any = None
    ) -> RetryDecision:
        """Return the delay before the next attempt, counted from the last clear, and the reason for it."""
        reason = describe_reason(exception, LIMITS.task)
        for_good = self.give_up_early and isinstance(exception, PermanentError)
        if for_good or isinstance(exception, UnconfirmedError | RefusedError):
            return RetryDecision.fail(reason=reason)
        delay = timedelta(seconds=retry_delay(max(1, attempt_of(try_number, max_tries))))
        return RetryDecision.retry(delay=delay, reason=reason)


def promise_retries(destination: Destination) -> dict[str, Any]:
    """Return the task settings that clients are promised."""
    return {
        "retries": RETRIES,
        "retry_delay": timedelta(seconds=FIRST_RETRY),
        "retry_exponential_backoff": RETRY_FACTOR,
        "max_retry_delay": timedelta(seconds=LONGEST_RETRY),
        "retry_policy": PromisedRetries(destination.give_up_early),
        "execution_timeout": timedelta(seconds=LIMITS.task),
    }


class DeliveryLink(BaseOperatorLink):
    """A button on the upload's page in Airflow; the worker makes its address when the task ends."""

    name = "Delivery"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """Return the address; `ti_key` is the running task instance."""
        delivery = delivery_of_task(operator.destination, operator.event, ti_key.get_template_context())
        start = write_instant(delivery.interval_start)
        day = date_of(delivery.interval, delivery.destination.timezone)
        test_start = start if delivery.kind == "test" else None
        named = (delivery.destination.id, delivery.event, str(day))
        return airflow_url() + link_delivery(page_href(), *named, test_start)


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
        self.delivered: tuple[Delivery, DeliveredFile] | None = None

    def prepare_for_execution(self) -> UploadOperator:
        """Return what runs; it has its assets once it has delivered (`tell_arrival`).

        With assets that Airflow takes for inactive, such as those of a name that another DAG gave to another URI,
        a task is failed before it begins.
        """
        running: UploadOperator = super().prepare_for_execution()
        running.outlets = []
        return running

    def pre_execute(self, context: Any) -> None:
        """Check that the run may deliver, and have its file staged; that takes none of the upload's time limit."""
        delivery = delivery_of_task(self.destination, self.event, context)
        with recording_failure(delivery, context):
            refuse_accepting(delivery, context["dag_run"].conf)
            if delivery.kind != "test":
                check_run(delivery, context)
            stage_exact(delivery) if is_exact(delivery, context) else ensure_staged(delivery, context["dag_run"])

    def execute(self, context: Any) -> dict[str, Any]:  # type: ignore[override]
        """Deliver; returns the file's name, remote path, rows, bytes, sha256, remarks and the seconds it took."""
        delivery = delivery_of_task(self.destination, self.event, context)
        upload_run = describe_upload_run(delivery, context)
        if upload_run.exact:
            delivery = delivery_as_kept(delivery)
        with counting_failure(delivery):
            delivered = deliver_in_turn(delivery, upload_run, find_first_wait(context), self.log)
        count_delivered(delivery, delivered, context)
        self.delivered = None if delivered.skipped else (delivery, delivered)
        tell_arrival(self, context, delivery, delivered)
        return asdict(delivered) | {"remarks": [*delivered.remarks]}  # an XCom wraps a tuple

    def get_openlineage_facets_on_start(self) -> OperatorLineage | None:
        """Tell OpenLineage what is read; the file's name is known when it lies there."""
        return describe_lineage(self.event)

    def get_openlineage_facets_on_complete(self, task_instance: Any) -> OperatorLineage | None:
        """Tell OpenLineage what was read, and which file was delivered."""
        return describe_lineage(self.event, *(self.delivered or ()))

    def get_openlineage_facets_on_failure(self, task_instance: Any) -> OperatorLineage | None:
        """Tell OpenLineage what was read: no file was delivered."""
        return describe_lineage(self.event)
