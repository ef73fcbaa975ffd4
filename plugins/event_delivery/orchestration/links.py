"""Where in Airflow's UI, and on the Deliveries page, is what we speak of? Paths below the UI's root."""

from __future__ import annotations

from urllib.parse import quote, urlencode, urlsplit

PAGE_ROUTE = "deliveries"
PAGE_PREFIX = "/event_delivery"


def link_dag(dag_id: str) -> str:
    """Return the path of a DAG."""
    return f"/dags/{quote_part(dag_id)}"


def link_run(dag_id: str, run_id: str) -> str:
    """Return the path of a DAG run."""
    return f"{link_dag(dag_id)}/runs/{quote_part(run_id)}"


def link_log(dag_id: str, run_id: str, task_id: str) -> str:
    """Return the path of a task's log."""
    return f"{link_run(dag_id, run_id)}/tasks/{quote_part(task_id)}"


def link_backfills(dag_id: str) -> str:
    """Return the path of a DAG's backfills."""
    return f"{link_dag(dag_id)}/backfills"


def link_connection(connection_id: str) -> str:
    """Return the path of the Connections, narrowed down to one."""
    return f"/connections?name_pattern={quote_part(connection_id)}"


def link_delivery(page: str, destination: str, event: str, day: str, test_start: str | None = None) -> str:
    """Return the path of a delivery on the page at path `page`; a test file is told by its run's start."""
    named = {"destination": destination, "event": event, "day": day}
    if test_start:
        named |= {"kind": "test", "start": test_start}
    return f"/plugin/{PAGE_ROUTE}{page}?{urlencode(named)}"


def quote_part(text: str) -> str:
    """Return a text as one part of a path or of a query."""
    return quote(text, safe="")


def page_href() -> str:
    """Return the page's path on Airflow's server, which may stand below a prefix."""
    return urlsplit(airflow_url()).path.rstrip("/") + PAGE_PREFIX + "/"


def airflow_url() -> str:
    """Return Airflow's own address, without a slash at its end; empty where it is not configured."""
    from airflow.configuration import conf

    return str(conf.get("api", "base_url", fallback="")).rstrip("/")
