"""How does a person say on the page that a host key is right?"""

from __future__ import annotations

from typing import Any

from fastapi import HTTPException

from event_delivery.destinations import AnyDestination
from event_delivery.errors import DeliveryError, PermanentError
from event_delivery.host_keys import confirm_host_key as confirm
from event_delivery.ledger import open_ledger_reading
from event_delivery.orchestration.links import link_dag
from event_delivery.orchestration.names import dag_id_of_test_file
from event_delivery.page.answers.shapes.action import Started
from event_delivery.page.http.access import require_confirming
from event_delivery.page.http.refusals import refuse_unready
from event_delivery.page.sources.metadata import open_metadata
from event_delivery.page.sources.setup import read_setup


def confirm_host_key(user: Any, destination: AnyDestination, fingerprint: str) -> Started:
    """Let a key that the server has shown be the Connection's `host_key`.

    Raises:
        HTTPException: 403 when the user may not edit the Connection, 409 when nothing can be confirmed there, 503
            when the ledger cannot be asked.
    """
    refuse_unready(destination)
    setup = read_setup(destination)
    require_confirming(user, setup.connection)
    if setup.destination and setup.destination.host_key:
        raise HTTPException(409, f"{destination.id}.yaml names its host_key: edit that.")
    try:
        with open_metadata() as session, open_ledger_reading() as ledger:
            done = confirm(session, ledger, str(setup.connection), fingerprint, user.get_name())
    except DeliveryError as error:
        raise HTTPException(409 if isinstance(error, PermanentError) else 503, str(error)) from None
    said = f"{done.server} is known by {done.fingerprint} from now on. The next attempt logs in to that key alone."
    dag_id = dag_id_of_test_file(destination.id)
    return {"dag_id": dag_id, "run_id": None, "backfill_id": None, "link": link_dag(dag_id), "said": said}
