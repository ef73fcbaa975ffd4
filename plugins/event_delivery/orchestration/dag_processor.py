"""Is Airflow's dag processor silent, as far as a task may ask?

A task has no right to Airflow's database. The API server that it reports to answers `/api/v2/monitor/health` to
anybody; where that stands elsewhere, a task cannot know.
"""

from __future__ import annotations

import logging
import ssl
from datetime import UTC, datetime

import httpx
from airflow.configuration import conf
from pydantic import AwareDatetime, BaseModel, ValidationError

from event_delivery.limits import HEALTH_ANSWER, HEARTBEAT_SILENT

_EXECUTION, _HEALTH = "/execution/", "/api/v2/monitor/health"
_HERE = "http://localhost:8080"  # where Airflow, too, looks for it where nothing says where it is
_log = logging.getLogger(__name__)


class _Part(BaseModel):
    status: str | None


class _Processor(_Part):
    latest_dag_processor_heartbeat: AwareDatetime | None


class _Health(BaseModel):
    metadatabase: _Part
    dag_processor: _Processor


def describe_silence(now: datetime) -> str | None:
    """Return since when the dag processor is silent, a sentence; empty: it is alive; None: nobody can be asked."""
    try:
        answer = httpx.get(_health_url(), timeout=HEALTH_ANSWER, verify=_trust(), follow_redirects=True)
        health = _Health.model_validate_json(answer.raise_for_status().content)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValidationError) as error:
        _log.info("Whether the dag processor is silent cannot be asked here: %s", type(error).__name__)
        return None
    if health.metadatabase.status != "healthy":  # it would call every part silent
        return None
    return _describe(health.dag_processor.latest_dag_processor_heartbeat, now)


def _describe(seen: datetime | None, now: datetime) -> str:
    if seen is not None and now - seen <= HEARTBEAT_SILENT:
        return ""
    when = f"was last seen at {seen.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if seen else "was never seen"
    return f"Airflow's dag processor {when}."


def _health_url() -> str:
    base = conf.get("api", "base_url", fallback="") or ""
    base = base if "://" in base else _HERE + base
    execution = conf.get("core", "execution_api_server_url", fallback="") or f"{base.rstrip('/')}{_EXECUTION}"
    return execution.rstrip("/").removesuffix(_EXECUTION.rstrip("/")) + _HEALTH


def _trust() -> ssl.SSLContext:
    """Trust what a task trusts: the usual certificates, and the API server's own."""
    context = ssl.create_default_context()
    if own := conf.get("api", "ssl_cert", fallback=""):
        context.load_verify_locations(own)
    return context
