"""How does the failure of a task before the upload reach the ledger, and so the page?"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from airflow.sdk.exceptions import AirflowRescheduleException

from event_delivery.delivery import Delivery
from event_delivery.errors import DeliveryError, PermanentError, describe_reason
from event_delivery.limits import LIMITS, QUICK_TASK

_log = logging.getLogger(__name__)


@contextmanager
def recording_failure(delivery: Delivery, context: Mapping[str, Any]) -> Iterator[None]:
    """Record why what is done within fails; a ledger that cannot be written changes nothing about the failure.

    What only waits has not failed.
    """
    try:
        yield
    except AirflowRescheduleException:
        raise
    except BaseException as error:
        reason = describe_reason(error, QUICK_TASK.total_seconds())
        _log.error("%s", reason)
        try:
            _record(delivery, reason, isinstance(error, PermanentError), context["dag_run"])
        except DeliveryError as refusal:
            _log.warning("The ledger could not record that: %s", refusal)
        raise


def _record(delivery: Delivery, reason: str, permanent: bool, run: Any) -> None:
    from event_delivery.ledger import BoundedLedger
    from event_delivery.ledger.attempts import Failure
    from event_delivery.ledger.claims import record_if_ours
    from event_delivery.ledger.deliveries import record_unsent

    with BoundedLedger(LIMITS.ledger, LIMITS.ledger_upgrade) as ledger:
        ledger.ask(record_if_ours, record_unsent, delivery, Failure(reason, permanent), run.dag_id, run.run_id)
