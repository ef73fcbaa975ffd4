"""In which pool does an upload wait, so that those which failed before never hold all the slots?"""

from __future__ import annotations

import contextlib
from typing import Any

from event_delivery.orchestration.names import (
    POOLS,
    UPLOAD,
    UPLOAD_POOL,
    UPLOAD_RETRY_POOL,
    destination_of_dag,
    kind_of_task,
)

# What `weight_rule="upstream"` gives to `upload` and to `extract`: a retry is no delivery that has just begun, and
# with an upload's weight retries to dead hosts would go before everybody's first try.
_FIRST_WEIGHT, _RETRY_WEIGHT = 3, 1


def make_pools() -> None:
    """Make the pools that are missing, in which tasks would wait for ever; one that is there stays as set."""
    from airflow.models.pool import Pool
    from sqlalchemy.exc import IntegrityError

    for name, (slots, description) in POOLS.items():
        with contextlib.suppress(IntegrityError):
            if Pool.get_pool(name) is None:
                Pool.create_or_update_pool(name, slots, description, False)


def watch_retries() -> None:
    """Have an upload that failed wait for its retry in the retries' own pool, and a cleared one in its first.

    A retry keeps the pool of the try before: Airflow 3.3 applies `task_instance_mutation_hook` to instances that
    are made, cleared or checked after an edit, and tells no listener with a database of a failure. But it gives
    each new try a new id, which SQLAlchemy's own event for all mappers sees, in API server and scheduler alike.
    """
    from sqlalchemy import event
    from sqlalchemy.orm import Mapper

    if not event.contains(Mapper, "before_update", _choose_pool):
        event.listen(Mapper, "before_update", _choose_pool)


def _choose_pool(mapper: Any, connection: Any, instance: Any) -> None:
    if (mapper.class_.__module__, mapper.class_.__name__) != ("airflow.models.taskinstance", "TaskInstance"):
        return
    if destination_of_dag(instance.dag_id) is None or kind_of_task(instance.task_id) != UPLOAD:
        return
    if instance.pool == UPLOAD_RETRY_POOL and instance.state == "restarting":  # cleared while it was running
        instance.pool, instance.priority_weight = UPLOAD_POOL, _FIRST_WEIGHT
    elif instance.pool == UPLOAD_POOL and _failed_just_now(instance) and _has_slots(connection, UPLOAD_RETRY_POOL):
        instance.pool, instance.priority_weight = UPLOAD_RETRY_POOL, _RETRY_WEIGHT


def _failed_just_now(instance: Any) -> bool:
    """Tell whether an instance is prepared for a retry; one that is cleared is in no such state."""
    from sqlalchemy import inspect

    changed = inspect(instance).attrs.id.history.has_changes()
    return changed and instance.state in ("running", "up_for_retry")  # Airflow writes the state before or after


def _has_slots(connection: Any, name: str) -> bool:
    """Tell whether a pool exists and lets anything run: what waits in another waits for ever."""
    from airflow.models.pool import Pool
    from sqlalchemy import select

    return connection.scalar(select(Pool.slots).where(Pool.pool == name)) not in (None, 0)
