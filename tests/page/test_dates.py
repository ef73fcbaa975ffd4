"""Are dates at the ends of the calendar refused before anything is worked out from them?"""

from __future__ import annotations

import pytest
from airflow.api_fastapi.core_api.security import get_user
from fastapi.testclient import TestClient

from event_delivery.page.http.access import require_user
from event_delivery.page.http.app import page_app

ENDS = ("0001-01-01", "1999-12-30", "2200-01-02", "9999-12-31")
FROM_PAGE = {"X-Event-Delivery": "1"}


@pytest.fixture
def client():
    """The page's routes, asked by somebody who is logged in."""
    app = page_app()
    somebody = dict.fromkeys((get_user, require_user), lambda: None)
    app.dependency_overrides.update(somebody)
    yield TestClient(app, raise_server_exceptions=False)
    app.dependency_overrides.clear()


@pytest.mark.parametrize("day", ENDS)
@pytest.mark.parametrize(
    "query",
    [
        "overview?from={0}",
        "overview?to={0}",
        "delivery?destination=acme&event=courseCompletion&day={0}",
        "delivery?destination=acme&event=courseCompletion&day=2026-03-09&kind=test&start={0}T20:00:00Z",
    ],
)
def test_a_question_about_such_a_day_is_refused(client, query, day):
    """Time zones and ranges reach beyond it."""
    answer = client.get("/api/" + query.format(day))
    assert answer.status_code == 422


@pytest.mark.parametrize("day", ENDS)
@pytest.mark.parametrize(
    ("action", "names"),
    [("redeliver", ["day"]), ("resolve", ["day"]), ("backfill", ["from", "to"])],
)
def test_an_action_on_such_a_day_is_refused(client, action, names, day):
    """Before anything is read."""
    for name in names:
        body = dict.fromkeys(names, "2026-03-09") | {name: day, "destination": "acme"}
        body |= {"decision": "robot"} if action == "resolve" else {}
        answer = client.post(f"/api/{action}", json=body, headers=FROM_PAGE)
        assert (answer.status_code, str(answer.json()["detail"][0]["loc"][-1])) == (422, name)
