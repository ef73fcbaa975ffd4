"""In which pool does a task wait, so that nobody holds all the slots, and how many has each?"""

from __future__ import annotations

import contextlib
import logging
import os
import re
from typing import Any, NamedTuple

from event_delivery.limits import EXTRACT_CONNECTIONS, MOST_SLOTS, SOURCE_CONNECTIONS, UPLOAD_SLOTS
from event_delivery.orchestration.names import (
    SOURCE_POOL,
    UPLOAD,
    UPLOAD_POOL,
    UPLOAD_RETRY_POOL,
    destination_of_dag,
    kind_of_task,
)

# What `weight_rule="upstream"` gives to `upload` and to `extract`: a retry is no delivery that has just begun, and
# with an upload's weight retries to dead hosts would go before everybody's first try.
_FIRST_WEIGHT, _RETRY_WEIGHT = 3, 1
SLOTS_SETTING, SOURCE_SETTING = "EVENT_DELIVERY_POOL_SLOTS", "EVENT_DELIVERY_SOURCE_CONNECTIONS"
_RETRIES_SHARE = 4  # a dead host's attempt lasts a minute, a healthy one's some seconds
_log = logging.getLogger(__name__)


class WantedPool(NamedTuple):
    """A pool as it is made; `is_set`: a setting says how many slots it has, whatever was set before."""

    name: str
    slots: int
    description: str
    is_set: bool


def list_pools() -> list[WantedPool]:
    """Return our pools, by the settings EVENT_DELIVERY_POOL_SLOTS and EVENT_DELIVERY_SOURCE_CONNECTIONS."""
    uploads, source = _read_slots(SLOTS_SETTING, 1), _read_slots(SOURCE_SETTING, EXTRACT_CONNECTIONS)
    slots = uploads or UPLOAD_SLOTS
    retries = max(1, slots // _RETRIES_SHARE)
    return [
        WantedPool(UPLOAD_POOL, slots, "Uploads to clients' servers", uploads is not None),
        WantedPool(UPLOAD_RETRY_POOL, retries, "Uploads that failed before", uploads is not None),
        WantedPool(SOURCE_POOL, source or SOURCE_CONNECTIONS, "Connections to events_db", source is not None),
    ]


def make_pools() -> None:
    """Make the pools that are missing, in which tasks would wait for ever, and set what a setting says of them.

    Several servers may do so at the same moment: whoever comes second finds the pool made.
    """
    from airflow.models.pool import Pool
    from airflow.utils.session import create_session
    from sqlalchemy import select
    from sqlalchemy.exc import IntegrityError

    for name, slots, description, is_set in list_pools():
        with contextlib.suppress(IntegrityError):
            with create_session() as session:
                found = session.scalar(select(Pool.slots).where(Pool.pool == name))
            if found is None or (is_set and found != slots):
                Pool.create_or_update_pool(name, slots, description, False)
            elif name == SOURCE_POOL and 0 < found < EXTRACT_CONNECTIONS:
                said = "Pool %s: found %d slots, an extract takes %d: made so."
                _log.error(said, name, found, EXTRACT_CONNECTIONS)
                Pool.create_or_update_pool(name, EXTRACT_CONNECTIONS, description, False)


def _read_slots(setting: str, fewest: int) -> int | None:
    """Return how many slots a setting says, None: it says nothing, or what is no number; that is logged.

    Not raised: the scheduler that starts would go on without the pools.
    """
    text = os.environ.get(setting, "").strip()
    if not text:
        return None
    if re.fullmatch(r"[0-9]{1,6}", text) and fewest <= int(text) <= MOST_SLOTS:
        return int(text)
    _log.error(
        "%s: found %r, wanted a number from %d to %d. It is left as it was.", setting, text, fewest, MOST_SLOTS
    )
    return None


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
