"""Does the page tell of incidents what a reader may know, and record what a person says of them?"""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from airflow.api_fastapi.core_api.security import get_user
from airflow.models.log import Log
from fastapi.testclient import TestClient

from event_delivery.ledger.incident_messages import Opening, add_closings, add_openings, claim_message
from event_delivery.ledger.incidents import Hit, IncidentRecord, close_incident, open_incident
from event_delivery.page.__main__ import main
from event_delivery.page.http import access, answering
from event_delivery.page.http.access import require_user
from event_delivery.page.http.app import page_app, serve
from tests import PROJECT
from tests.sample_events import COMPANY

NOW = datetime.now(UTC)
FROM_PAGE = {"X-Event-Delivery": "1"}
HERE = "/api/incidents"


class Person:
    """Somebody who is logged in."""

    def get_name(self):
        """Return the name, as Airflow's users do."""
        return "vera"


class Rights:
    """What the person may read and change; `GET` and `PUT` as Airflow calls them."""

    def __init__(self, **permitted):
        self.permitted = permitted

    def filter_dags(self, _user, method, dag_ids):
        """Return the DAGs among these that the person may."""
        return {each for each in dag_ids if each.rpartition("__")[2] in self.permitted[method]}


@pytest.fixture
def rights(monkeypatch):
    """All rights on acme and birch until a test says otherwise; Airflow's own are tested on a whole one."""
    given = Rights(GET={"acme", "birch"}, PUT={"acme", "birch"})
    monkeypatch.setattr(access, "_filter_dags", given.filter_dags)
    monkeypatch.setattr(access, "requires_access_dag", lambda *_, **__: lambda *_: None)
    return given


@contextmanager
def commit_after(session):
    """Do as Airflow's own session does."""
    with session.begin():
        yield session


@pytest.fixture
def client(airflow, ledger, rights, tmp_path, monkeypatch):
    """The page of two destinations, asked by a person."""
    for name in ("acme", "birch"):
        (tmp_path / f"{name}.yaml").write_text(f"client: {name}\ncompany_id: {COMPANY}\n")
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(tmp_path))
    ledger.execute("truncate event_delivery.incident cascade")
    monkeypatch.setattr(answering, "open_metadata", lambda: commit_after(airflow))
    app = page_app()
    app.dependency_overrides.update(dict.fromkeys((get_user, require_user), Person))
    yield TestClient(serve, raise_server_exceptions=False)
    app.dependency_overrides.clear()
    ledger.execute("truncate event_delivery.instance")


def begin(ledger, *names, kind="late", severity="error", concerns=None, hours_ago=2):
    """Open an incident of destinations; returns its number."""
    at = NOW - timedelta(hours=hours_ago)
    hits = tuple(Hit(name, "late", ("2026-03-01",)) for name in names)
    concerns = concerns or f"destination {names[0]}"
    return open_incident(
        ledger, IncidentRecord(0, kind, concerns, kind, severity, "The disk is full.", hits, at, at)
    )


def listed(client, query=""):
    """Return the numbers of the incidents that the page lists."""
    return [each["id"] for each in client.get(HERE + query).json()["incidents"]]


def test_an_open_incident_is_told_with_its_cause_what_to_do_and_who_was_told(client, ledger):
    """The answer in full, as docs/alerts.md promises it to scripts."""
    number = begin(ledger, "acme")
    add_openings(ledger, number, [Opening("operators", NOW, sent_at=NOW), Opening("contact acme", NOW)], NOW)
    [told] = client.get(HERE).json()["incidents"]
    messages = told.pop("messages")
    assert told.pop("advice").startswith("It is still tried by itself.")
    assert {told.pop("opened_at"), told.pop("last_seen_at")} < {
        f"{NOW - timedelta(hours=2):%Y-%m-%dT%H:%M:%SZ}",
        1,
    }
    assert told == {
        "id": number, "kind": "late", "severity": "error", "concerns": "destination acme",
        "title": "Destination acme: not delivered in time", "cause": "The disk is full.",
        "hits": [{"destination": "acme", "stage": "late", "days": ["2026-03-01"]}],
        "closed_at": None, "acknowledged_by": None, "acknowledged_at": None, "snoozed_until": None,
        "snooze_reason": None, "may_answer": True,
    }  # fmt: skip
    assert [(each["recipient"], each["state"]) for each in messages] == [
        ("operators", "sent"),
        ("contact acme", "to be sent"),
    ]


def test_the_example_of_the_documentation_has_the_keys_of_the_answer(client, ledger):
    """Scripts are written from it."""
    number = begin(ledger, "acme")
    add_openings(ledger, number, [Opening("operators", NOW)], NOW)
    text = (PROJECT / "docs/alerts.md").read_text()
    example = json.loads(text.partition("```json\n")[2].partition("```")[0])
    answer = client.get(HERE).json()
    assert name_keys(answer) == name_keys(example)


def name_keys(value):
    """Return the keys of what JSON holds, and of what that holds."""
    if isinstance(value, list):
        return [name_keys(each) for each in value]
    return {key: name_keys(each) for key, each in value.items()} if isinstance(value, dict) else None


def test_the_gravest_come_first_then_what_is_over(client, ledger):
    """Only with `closed_since`, and for one destination if asked."""
    warning = begin(ledger, "acme", kind="retrying", severity="warning", hours_ago=1)
    error, over = begin(ledger, "birch", hours_ago=3), begin(ledger, "acme", kind="missing", hours_ago=30)
    close_incident(ledger, over, NOW - timedelta(hours=5))
    assert listed(client) == [error, warning]
    assert listed(client, "?closed_since=2020-01-01T00:00:00Z") == [error, warning, over]
    assert listed(client, "?destination=acme&closed_since=2020-01-01T00:00:00Z") == [warning, over]
    assert client.get(f"{HERE}?closed_since=2020-01-01").status_code == 422


def test_a_reader_is_told_of_no_destination_that_it_may_not_read(client, ledger, rights):
    """Neither by an incident of its own, nor as one of many, nor as a recipient."""
    begin(ledger, "birch")
    shared = begin(ledger, "acme", "birch", kind="source_unreachable", concerns="the source")
    disk = begin(ledger, kind="staging_full", concerns="the staging area")
    add_openings(ledger, shared, [Opening("contact birch", NOW), Opening("operators", NOW)], NOW)
    rights.permitted["GET"] = {"acme"}
    answer = client.get(HERE)
    causes = {each["id"]: each["cause"] for each in answer.json()["incidents"]}
    assert causes.keys() == {shared, disk}
    assert causes[disk] == "The disk is full."
    assert causes[shared].startswith("Shared with destinations that you may not read")
    assert "birch" not in answer.text


def test_an_incident_is_acknowledged_by_name_and_the_first_stays(client, ledger, airflow):
    """It is in Airflow's audit log, too."""
    number = begin(ledger, "acme")
    assert client.post(f"{HERE}/{number}/acknowledge", json={}, headers=FROM_PAGE).status_code == 200
    [told] = client.get(HERE).json()["incidents"]
    assert told["acknowledged_by"] == "vera"
    client.post(f"{HERE}/{number}/acknowledge", json={}, headers=FROM_PAGE)
    assert client.get(HERE).json()["incidents"][0]["acknowledged_at"] == told["acknowledged_at"]
    logged = airflow.query(Log).filter_by(event="acknowledge_incident").first()
    assert (logged.owner, json.loads(logged.extra)) == ("vera", {"incident": number})


def test_a_snoozed_incident_sends_nothing_until_the_time_or_its_end(client, ledger, airflow):
    """The reason stands beside it; who knows that it began hears that it is over."""
    number = begin(ledger, "acme")
    add_openings(ledger, number, [Opening("told", NOW, sent_at=NOW), Opening("operators", NOW)], NOW)
    until = NOW + timedelta(hours=5)
    body = {"until": until.isoformat(), "reason": " The client moves house. "}
    assert client.post(f"{HERE}/{number}/snooze", json=body, headers=FROM_PAGE).status_code == 200
    assert client.get(HERE).json()["incidents"][0]["snooze_reason"] == "The client moves house."
    logged = airflow.query(Log).filter_by(event="snooze_incident").first()
    assert json.loads(logged.extra)["reason"] == "The client moves house."
    later = NOW + timedelta(hours=1)
    assert claim_message(ledger, later) is None
    add_closings(ledger, number, later)
    close_incident(ledger, number, later)
    first, second = claim_message(ledger, later), claim_message(ledger, later)
    assert {(first.recipient, first.ending), (second.recipient, second.ending)} == {
        ("operators", "opened"),
        ("told", "closed"),
    }


def test_a_snooze_that_has_run_out_lets_messages_go(client, ledger):
    """By itself, at its time."""
    number = begin(ledger, "acme")
    add_openings(ledger, number, [Opening("operators", NOW)], NOW)
    body = {"until": (NOW + timedelta(hours=5)).isoformat(), "reason": "Known."}
    client.post(f"{HERE}/{number}/snooze", json=body, headers=FROM_PAGE)
    assert claim_message(ledger, NOW + timedelta(hours=4)) is None
    assert claim_message(ledger, NOW + timedelta(hours=6)).recipient == "operators"


def test_a_snooze_is_taken_back(client, ledger, airflow, rights):
    """What it held goes out, the page says nothing of it any more, and the audit log who it was."""
    number = begin(ledger, "acme")
    add_openings(ledger, number, [Opening("operators", NOW)], NOW)
    body = {"until": (NOW + timedelta(hours=5)).isoformat(), "reason": "Known."}
    client.post(f"{HERE}/{number}/snooze", json=body, headers=FROM_PAGE)
    assert claim_message(ledger, NOW) is None
    assert client.post(f"{HERE}/{number}/unsnooze", json={}).status_code == 403
    rights.permitted["PUT"] = set()
    assert client.post(f"{HERE}/{number}/unsnooze", json={}, headers=FROM_PAGE).status_code == 403
    assert client.get(HERE).json()["incidents"][0]["snooze_reason"] == "Known."
    rights.permitted["PUT"] = {"acme"}
    assert client.post(f"{HERE}/{number}/unsnooze", json={}, headers=FROM_PAGE).status_code == 200
    [told] = client.get(HERE).json()["incidents"]
    assert (told["snoozed_until"], told["snooze_reason"]) == (None, None)
    assert claim_message(ledger, NOW).recipient == "operators"
    logged = airflow.query(Log).filter_by(event="unsnooze_incident").first()
    assert (logged.owner, json.loads(logged.extra)) == ("vera", {"incident": number})


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"until": (NOW + timedelta(hours=5)).isoformat()},
        {"until": (NOW + timedelta(hours=5)).isoformat(), "reason": "  "},
        {"until": (NOW - timedelta(hours=1)).isoformat(), "reason": "Late."},
        {"until": (NOW + timedelta(days=400)).isoformat(), "reason": "For ever."},
    ],
)
def test_a_snooze_needs_a_reason_and_an_end(client, ledger, body):
    """Within the next month."""
    number = begin(ledger, "acme")
    assert client.post(f"{HERE}/{number}/snooze", json=body, headers=FROM_PAGE).status_code == 422
    assert client.get(HERE).json()["incidents"][0]["snoozed_until"] is None


def test_who_may_not_act_on_all_destinations_of_an_incident_may_not_answer_for_it(client, ledger, rights):
    """A viewer, who may for one of two, and what another site could have sent: 403, and nothing is recorded."""
    shared = begin(ledger, "acme", "birch", kind="source_unreachable", concerns="the source")
    disk = begin(ledger, kind="staging_full", concerns="the staging area")
    assert client.post(f"{HERE}/{shared}/acknowledge", json={}).status_code == 403
    for permitted in (set(), {"acme"}):
        rights.permitted["PUT"] = permitted
        for number in (shared, disk):
            assert client.post(f"{HERE}/{number}/acknowledge", json={}, headers=FROM_PAGE).status_code == 403
    for each in client.get(HERE).json()["incidents"]:
        assert (each["may_answer"], each["acknowledged_by"]) == (False, None)


@pytest.mark.parametrize("action", ["acknowledge", "unsnooze"])
def test_what_is_over_or_was_never_there_cannot_be_answered_for(client, ledger, rights, action):
    """409 and 404; one that a reader may not see is not there."""
    over, hidden = begin(ledger, "acme"), begin(ledger, "birch")
    close_incident(ledger, over, NOW)
    rights.permitted["GET"] = {"acme"}
    statuses = [
        client.post(f"{HERE}/{number}/{action}", json={}, headers=FROM_PAGE).status_code
        for number in (over, hidden, 999_999)
    ]
    assert statuses == [409, 404, 404]


def test_another_instance_s_ledger_is_left_as_it_is(client, ledger):
    """A rehearsal on a copy of a ledger acknowledges nothing in it."""
    number = begin(ledger, "acme")
    values = "values (1, 'another', false, null, 1)"
    columns = "(id, name, rehearsal, system_identifier, database_oid)"
    ledger.execute(f"insert into event_delivery.instance {columns} {values}")
    answer = client.post(f"{HERE}/{number}/acknowledge", json={}, headers=FROM_PAGE)
    assert (answer.status_code, client.get(HERE).json()["incidents"][0]["acknowledged_by"]) == (409, None)


def test_a_ledger_that_is_away_is_told_as_elsewhere(client, monkeypatch):
    """503 and one sentence, to a question and to an action."""
    monkeypatch.setenv("AIRFLOW_CONN_LEDGER_DB", "postgres://nobody:secret@127.0.0.1:9/none")
    for answer in (
        client.get(HERE),
        client.post(f"{HERE}/1/acknowledge", json={}, headers=FROM_PAGE),
    ):
        assert answer.status_code == 503
        assert "ledger_db" in answer.json()["detail"]
        assert "secret" not in answer.text


def test_the_command_line_tells_the_same(client, ledger, capsys):
    """As JSON for scripts, and in words."""
    number = begin(ledger, "acme")
    add_openings(ledger, number, [Opening("operators", NOW, sent_at=NOW)], NOW)
    assert main(["incidents", "--json", "--destination", "acme"]) == 0
    served = client.get(HERE).json()["incidents"]
    assert json.loads(capsys.readouterr().out)["incidents"] == [{**served[0], "may_answer": False}]
    assert main(["incidents"]) == 0
    said = capsys.readouterr().out
    assert "[error] Destination acme: not delivered in time" in said
    assert "opened to operators: 20" in said
    assert main(["incidents", "--destination", "birch"]) == 0
    assert capsys.readouterr().out == "(no incident)\n"
