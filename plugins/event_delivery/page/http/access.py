"""Who may read the page and act on it?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.core_api.security import GetUserDep, bearer_scheme, get_user, requires_access_dag
from fastapi import Depends, HTTPException, Request

from event_delivery.destinations import (
    AnyDestination,
    Destination,
    find_destination,
    read_destinations,
)
from event_delivery.orchestration.names import destination_of_dag, nightly_dag_id


async def require_user(request: Request) -> Any:
    """Return the user whom Airflow's cookie or token names; raises HTTPException 401 without one."""
    return await get_user(request, None, await bearer_scheme(request))


def login_url(next_url: str) -> str:
    """Return the address of Airflow's login page, which leads on to `next_url`."""
    return get_auth_manager().get_url_login(next_url=next_url)


def filter_readable(user: Any) -> list[AnyDestination]:
    """Return the destinations whose nightly DAG a user may read."""
    destinations = read_destinations()
    readable = _filter_dags(user, "GET", [nightly_dag_id(each.id) for each in destinations])
    return [each for each in destinations if nightly_dag_id(each.id) in readable]


def may_act(user: Any, destinations: Sequence[AnyDestination]) -> bool:
    """Tell whether a user may change any of these destinations' DAGs."""
    return bool(_filter_dags(user, "PUT", [nightly_dag_id(each.id) for each in destinations]))


def find_changeable(user: Any, destination_ids: Sequence[str]) -> frozenset[str]:
    """Return those of these destinations, which may be gone, whose DAGs a user may change."""
    dags = _filter_dags(user, "PUT", [nightly_dag_id(each) for each in destination_ids])
    return frozenset(each for each in destination_ids if nightly_dag_id(each) in dags)


def read_permitted(request: Request, user: Any, destination_id: str) -> AnyDestination:
    """Return a destination, named by its id or its DAG's, that the user may read.

    Raises:
        HTTPException: 403 when the user may not, 404 when there is none.
    """
    identifier = destination_of_dag(destination_id) or destination_id
    requires_access_dag("GET", param_dag_id=nightly_dag_id(identifier))(request, user)
    if destination := find_destination(identifier):
        return destination
    raise HTTPException(404, f"There is no destination {identifier!r}.")


def require_trigger(request: Request, user: Any, dag_id: str) -> None:
    """Raise HTTPException 403 when a user may not start a run of a DAG, as Airflow itself does."""
    requires_access_dag("POST", DagAccessEntity.RUN, param_dag_id=dag_id)(request, user)


def may_use_connection(user: Any, connection_id: str | None, method: Literal["GET", "PUT", "POST"]) -> bool:
    """Tell whether a user may read, edit or make a Connection, as Airflow itself does; there may be none."""
    from airflow.api_fastapi.auth.managers.models.resource_details import ConnectionDetails
    from airflow.configuration import conf
    from airflow.models.connection import Connection

    if not connection_id:
        return False
    team = Connection.get_team_name(connection_id) if conf.getboolean("core", "multi_team") else None
    details = ConnectionDetails(conn_id=connection_id, team_name=team)
    return get_auth_manager().is_authorized_connection(method=method, details=details, user=user)


def may_see_values(user: Any, destination: Destination) -> bool:
    """Tell whether a user may see learners' data in a destination's file.

    Who may edit its Connection may send all of it wherever he likes: to see a little of it is no new right.
    """
    return may_use_connection(user, destination.connection, "PUT")


def require_confirming(user: Any, connection_id: str | None) -> None:
    """Raise HTTPException 403 when a user may not say which host key counts: that is to edit the Connection."""
    if not may_use_connection(user, connection_id, "PUT"):
        raise HTTPException(403, "To confirm a host key is to edit its Connection, and you may not do that.")


def may_add_connections(user: Any) -> bool:
    """Tell whether a user may make Connections at all, as Airflow itself does."""
    return get_auth_manager().is_authorized_connection(method="POST", user=user)


def require_adding(user: Any, connection_id: str | None = None) -> None:
    """Raise HTTPException 403 when a user may not make this Connection, or any where none is named."""
    may = may_use_connection(user, connection_id, "POST") if connection_id else may_add_connections(user)
    if not may:
        raise HTTPException(403, "To take a client on board is to make its Connection, and you may not do that.")


def require_readable(request: Request, user: Any, destination_id: str) -> None:
    """Raise HTTPException 403 when a user may not read a destination's nightly DAG, there or not."""
    requires_access_dag("GET", param_dag_id=nightly_dag_id(destination_id))(request, user)


def require_connections(user: Any) -> None:
    """Raise HTTPException 403 when a user may not edit Connections: who may see where they are weak."""
    if not get_auth_manager().is_authorized_connection(method="PUT", user=user):
        raise HTTPException(403, "The security check is for those who may edit Connections.")


def refuse_forgery(request: Request) -> None:
    """Refuse what another site's form could send: it can set neither this header nor this content type."""
    content_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if request.headers.get("x-event-delivery") != "1" or content_type != "application/json":
        raise HTTPException(
            403, "Send the header 'X-Event-Delivery: 1' and the content type 'application/json' with an action."
        )


User = GetUserDep
FromOurPage = Annotated[None, Depends(refuse_forgery)]


def _filter_dags(user: Any, method: Any, dag_ids: Sequence[str]) -> set[str]:
    """Ask Airflow; it knows the team of a DAG that it has parsed, and has no team for one that it has not."""
    from airflow.models.dag import DagModel
    from airflow.utils.session import create_session
    from sqlalchemy import select

    manager = get_auth_manager()
    with create_session() as session:
        parsed = set(session.scalars(select(DagModel.dag_id).where(DagModel.dag_id.in_(dag_ids))))
    unparsed = set(dag_ids) - parsed
    permitted: set[str] = set()
    if parsed:
        permitted |= manager.get_authorized_dag_ids(user=user, method=method) & parsed
    return permitted | manager.filter_authorized_dag_ids(dag_ids=unparsed, user=user, method=method)
