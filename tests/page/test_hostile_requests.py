"""Does the page refuse what is no question, in few words, and answer whatever stands in Airflow's database?"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys

import pytest
from airflow.api_fastapi.core_api.security import get_user
from fastapi import FastAPI, HTTPException, Request
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from event_delivery.page.http import airflow_api
from event_delivery.page.http.access import require_user
from event_delivery.page.http.airflow_api import ACTIONS_AT_ONCE, AIRFLOW_APP, call_airflow
from event_delivery.page.http.app import page_app, serve
from event_delivery.page.http.guard import MOST_BYTES
from event_delivery.page.http.responses import send_answer
from tests import PROJECT
from tests.page.knowledge import add_dag, add_run, look

ACTIONS = (
    "test-file", "redeliver", "resolve", "backfill", "pause", "confirm-host-key", "incidents/1/acknowledge",
    "incidents/1/snooze", "onboarding/look", "onboarding/do", "onboarding/test-file",
)  # fmt: skip
FROM_PAGE = {"X-Event-Delivery": "1", "Content-Type": "application/json"}
ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=40)  # halves of surrogate pairs too
ANY_VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    ["destination", "day", "from", "to", "start", "end", "kind", "event", "paused", "decision"]
)
# A destination's name that is none, so that nothing is looked up and every body is refused.
BODIES = st.dictionaries(NAMES | ANY_TEXT, ANY_VALUE, max_size=6).map(lambda body: body | {"destination": "\0"})


@pytest.fixture
def client():
    """The page as Airflow mounts it, asked by somebody who is logged in."""
    app = page_app()
    app.dependency_overrides.update(dict.fromkeys((get_user, require_user), lambda: None))
    yield TestClient(serve, raise_server_exceptions=False)
    app.dependency_overrides.clear()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES.map(lambda body: json.dumps(body).encode()) | st.binary(max_size=100), action=st.data())
def test_no_body_breaks_an_action(client, body, action):
    """Whatever JSON can say, and what is none: a short refusal, in JSON."""
    answer = client.post(f"/api/{action.draw(st.sampled_from(ACTIONS))}", content=body, headers=FROM_PAGE)
    assert answer.status_code in (400, 422), body
    assert answer.json()["detail"]
    assert len(answer.content) < 5_000


@pytest.mark.parametrize(
    "body",
    [
        b'{"destination":"\\ud800"}',
        b'{"\\ud800":1}',
        b'{"destination":NaN}',
        b'{"paused":-Infinity}',
        b'{"paused":' + b"9" * 5_000 + b"}",
        b"[" * 50_000,
    ],
)
def test_what_json_cannot_say_back_is_not_said_back(client, body):
    """A refusal names the field, and holds nothing of what stood there."""
    answer = client.post("/api/pause", content=body, headers=FROM_PAGE)
    assert answer.status_code in (400, 422)
    assert len(answer.content) < 1_000
    assert b"input" not in answer.content


def test_a_body_that_is_too_large_is_refused_before_it_is_read(client):
    """413, however it is sent, in one piece or in many."""
    whole = b'"' + b"x" * MOST_BYTES + b'"'
    pieces = (b"x" * 1_000 for _ in range(MOST_BYTES // 1_000 + 1))
    for body in (whole, pieces):
        answer = client.post("/api/pause", content=body, headers=FROM_PAGE)
        assert (answer.status_code, "at most" in answer.json()["detail"]) == (413, True)


def test_every_answer_has_the_headers_of_one_that_nobody_keeps_or_frames(client):
    """Refusals and what is not there too; the page itself may be framed by Airflow alone."""
    for answer in (client.get("/api/overview?from=x"), client.get("/nothing"), client.put("/api/pause")):
        assert answer.status_code in (404, 405, 422)
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    script = client.get("/assets/main.js")
    assert "frame-ancestors 'self'" in script.headers["content-security-policy"]
    assert (script.headers["x-content-type-options"], script.headers["cache-control"]) == ("nosniff", "no-cache")


def test_half_a_surrogate_pair_in_an_answer_is_escaped():
    """So that one client's text does not take every answer away."""
    assert json.loads(send_answer({"client": "x\ud800ü"}).body) == {"client": "x\ud800ü"}


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "tomorrow", 5, ["2026-03-08"], {"a": 1}, True, 1e300])
def test_a_run_that_asks_for_a_day_that_is_none_takes_nobody_s_overview_away(airflow, ledger, acme, day):
    """Whoever may trigger a run may hand over anything; it carries no interval, and the others are shown."""
    add_dag(airflow)
    bounds = {"data_interval_start": None, "data_interval_end": None, "logical_date": None}
    add_run(airflow, run_type="manual", state="queued", run_id="manual__1", conf={"day": day}, **bounds)
    assert look(airflow, acme)["destinations"][0]["id"] == "acme"


def make_request(app):
    """A request to the page, within an Airflow."""
    scope = {"type": "http", "method": "POST", "path": "/", "headers": [], "query_string": b"", "scheme": "http"}
    return Request(scope | {"server": ("airflow", 80), AIRFLOW_APP: app})


def test_an_airflow_that_does_not_answer_ends_an_action_in_time(monkeypatch):
    """504, which says that it may have been done; and no more than a few are asked of it meanwhile: 503."""
    monkeypatch.setattr(airflow_api, "AIRFLOW_ANSWER", 1)

    async def ask() -> list[int]:
        free, app = asyncio.Event(), FastAPI()

        @app.post("/api/v2/stuck")
        async def stuck() -> None:
            await free.wait()

        async def refused() -> int:
            with pytest.raises(HTTPException) as caught:
                await call_airflow(make_request(app), "POST", "/stuck", {})
            return caught.value.status_code

        late = await asyncio.gather(*[refused() for _ in range(ACTIONS_AT_ONCE)])
        late.append(await refused())
        free.set()
        await asyncio.sleep(0.5)
        assert await call_airflow(make_request(app), "POST", "/stuck", {}) == b"null"
        return late

    assert asyncio.run(ask()) == [504] * ACTIONS_AT_ONCE + [503]


def test_a_thread_that_hangs_does_not_keep_the_api_server_from_ending():
    """It is let go of with the process."""
    program = """
import asyncio, threading
from fastapi import HTTPException
from event_delivery.page.http.questions import answer_within
try:
    asyncio.run(answer_within(0.5, threading.Event().wait))
except HTTPException as error:
    print(error.status_code)
"""
    environment = {"PYTHONPATH": str(PROJECT / "plugins"), "PATH": "/usr/bin:/bin"}
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, env=environment
    )
    assert (ended.stdout, ended.returncode) == ("504\n", 0), ended.stderr
