"""Which run does an upload belong to, and what has a person said to it?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from event_delivery.delivery import Delivery
from event_delivery.orchestration.backfilled_runs import (
    is_uncleared_night,
    leaves_delivered,
    leaves_delivered_since,
)
from event_delivery.orchestration.exact_redelivery import is_exact
from event_delivery.orchestration.names import (
    OVERLAP_PARAM,
    RELEASE_PARAM,
    UNCONFIRMED_PARAM,
    dag_id_of_test_file,
)
from event_delivery.schedule import attempt_of
from event_delivery.upload import UploadRun


def describe_upload_run(delivery: Delivery, context: Mapping[str, Any]) -> UploadRun:
    """Return the run whose task this is, as an upload needs to know it."""
    instance, run, params = context["ti"], context["dag_run"], context["params"]
    earlier = attempt_of(instance.try_number, instance.max_tries) - 1
    return UploadRun(
        dag_id=run.dag_id,
        run_id=run.run_id,
        retrying=earlier > 0,
        test_file_dag=dag_id_of_test_file(delivery.destination.id),
        decision=params.get(UNCONFIRMED_PARAM),
        try_number=instance.try_number,
        first_try=instance.try_number - earlier,
        leaves_delivered=leaves_delivered(run),
        leaves_since=leaves_delivered_since(run),
        uncleared_night=is_uncleared_night(run) and instance.try_number - earlier == 1,
        allow_overlap=bool(params.get(OVERLAP_PARAM)),
        release=params.get(RELEASE_PARAM),
        exact=is_exact(delivery, context),
    )
