"""Does the page's API let in whom Airflow lets in, show what happened, and do what it says?"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

import asyncssh
import httpx
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from event_delivery.ledger import open_ledger
from event_delivery.ledger.incidents import Hit, IncidentRecord, open_incident
from event_delivery.orchestration.dag_processor import describe_silence
from event_delivery.schedule.local_day import LocalDay, last_day_before
from event_delivery.sftp.host_key import fingerprint
from local_servers.airflow_client import AirflowClient
from local_servers.airflow_stack import AirflowStack
from local_servers.free_port import find_free_port
from local_servers.postgres import create_database
from local_servers.sftp_server import SftpServer, SftpUser
from tests import PROJECT
from tests.ledger_contents import accept_rows
from tests.page.watch_at_rest import stop_watch
from tests.sample_events import COMPANY, insert_event
from tests.sftp_logins import PASSWORD, confirmed_uri
from tests.waiting import PATIENCE

pytestmark = pytest.mark.slow

EVENT = "courseCompletion"
ZONE = "America/New_York"
NIGHTLY, TEST_FILE = "nightly_sftp_events__", "sftp_test_file__"
FROM_PAGE = {"X-Event-Delivery": "1"}
WRONG = "wr0ng-p@ss/word"
SECRET = "s3cret-0f-newc@mer"
READS = (
    "/api/overview",
    "/api/incidents",
    "/api/preflight",
    f"/api/delivery?destination=acme&event={EVENT}&day=2026-01-05",
    "/api/destination?id=acme",
    "/api/reconciliation?destination=acme&report=1&format=csv",
    "/api/guide?destination=acme",
    "/api/preview?destination=acme&day=2026-01-05",
    "/api/onboarding",
)
ACTIONS = {
    "/api/test-file": {"destination": "acme"},
    "/api/redeliver": {"destination": "acme", "day": "2026-01-05"},
    "/api/resolve": {"destination": "acme", "day": "2026-01-05", "decision": "robot"},
    "/api/release": {"destination": "acme", "day": "2026-01-05", "event": EVENT, "sha256": "ab" * 32},
    "/api/reconcile": {"destination": "acme", "from": "2026-01-05", "to": "2026-01-06"},
    "/api/backfill": {"destination": "acme", "from": "2026-01-05", "to": "2026-01-06"},
    "/api/pause": {"destination": "acme", "paused": True},
    "/api/confirm-host-key": {"destination": "acme", "fingerprint": "SHA256:" + "A" * 43},
    "/api/onboarding/look": {"destination": "acme", "url": "sftp://acme:x@127.0.0.1:1/"},
    "/api/onboarding/do": {"destination": "acme", "url": "sftp://acme:x@127.0.0.1:1/"},
    "/api/onboarding/test-file": {"destination": "acme"},
}


class Page:
    """The page of a running Airflow, as its users see it."""

    def __init__(self, stack, sftp, events, events_uri, destinations):
        self.stack, self.sftp, self.destinations = stack, sftp, destinations
        self.events, self.events_uri = events, events_uri
        self.api = AirflowClient(stack.url, "admin", "admin-password")
        self.users = {name: self._client(name) for name in ("admin", "viewer", "acme_only", None)}

    def _client(self, user):
        headers = {}
        if user:
            login = {"username": user, "password": f"{user}-password"}
            answer = httpx.post(f"{self.stack.url}/auth/token", json=login, trust_env=False)
            headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        base = f"{self.stack.url}/event_delivery"
        return httpx.Client(base_url=base, headers=headers, trust_env=False, timeout=120)

    def get(self, path, user="admin", **options):
        return self.users[user].get(path, **options)

    def post(self, path, body, user="admin", headers=FROM_PAGE, **options):
        return self.users[user].post(path, json=body, headers=headers, **options)

    def row(self, destination="acme", day=None):
        query = f"?from={day}&to={day}" if day else ""
        rows = self.get(f"/api/overview{query}").json()["destinations"]
        return next(row for row in rows if row["id"] == destination)

    def cell(self, destination, day):
        cells = self.row(destination, day)["cells"]
        return cells[0] if cells else {"state": None}

    def wait_for(self, look, wanted):
        deadline = time.monotonic() + PATIENCE
        while (seen := look()) != wanted:
            assert time.monotonic() < deadline, seen
            time.sleep(0.5)


@pytest.fixture(scope="module")
def page(postgres, tmp_path_factory):
    """A whole Airflow whose Connections lie in its own database, one client whose password is wrong."""
    folder = tmp_path_factory.mktemp("page")
    destinations = folder / "destinations"
    destinations.mkdir()
    for name in ("acme", "locked_out"):
        (destinations / f"{name}.yaml").write_text(f"client: {name}\ncompany_id: {COMPANY}\n")
    (destinations / "broken.yaml").write_text(f"client: broken\ncompany_id: {COMPANY}\nformat: xml\n")
    passwords = folder / "passwords.json"
    passwords.write_text(json.dumps({name: f"{name}-password" for name in ("admin", "viewer", "acme_only")}))
    environment = {
        "AIRFLOW__CORE__AUTH_MANAGER": "auth_by_dag.AuthByDag",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin,viewer:viewer,acme_only:user",
        "PYTHONPATH": os.pathsep.join([str(PROJECT / "config"), str(PROJECT / "tests/page/auth")]),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "EVENT_DELIVERY_DESTINATIONS": str(destinations),
        "EVENT_DELIVERY_STAGING": str(folder / "staging"),
    }
    events_uri = create_database(postgres, "page_api_events")
    create_database(postgres, "page_api_airflow")
    metadata = postgres.sqlalchemy_uri("page_api_airflow")
    stack = AirflowStack(folder / "airflow", metadata, find_free_port(), extra_env=environment)
    users = [SftpUser(name, PASSWORD, name) for name in ("acme", "locked_out", "broken")]
    users.append(SftpUser("newcomer", SECRET, "newcomer"))
    with SftpServer(folder / "sftp", users) as sftp, psycopg.connect(events_uri, autocommit=True) as events:
        events.execute((PROJECT / "include/sql/demo_schema.sql").read_text())
        connections = {
            "events_db": events_uri,
            "sftp_acme": confirmed_uri(sftp, "acme", PASSWORD),
            "sftp_locked_out": confirmed_uri(sftp, "locked_out", WRONG),
            "sftp_broken": confirmed_uri(sftp, "broken", PASSWORD),
        }
        try:
            stack.start(lambda: add_connections(stack, folder / "connections.json", connections))
            made = Page(stack, sftp, events, events_uri, destinations)
            paused = {"acme": True, "locked_out": True, "broken": True}
            made.wait_for(lambda: {name: made.row(name)["paused"] for name in paused}, paused)
            yield made
        finally:
            stack.stop()


@pytest.fixture
def unconfirmed(page, monkeypatch):
    """A day of acme that nobody can confirm, and such a test file; both go with their runs."""
    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", page.events_uri)
    with open_ledger():
        accept_rows(page.events)
    local = LocalDay(date(2026, 1, 20), ZONE)
    statement = """
        insert into event_delivery.delivery (
          destination, event, interval_start, interval_end, kind, file_name, state, attempts, last_error
        )
        values ('acme', %s, %s, %s, %s, 'acme.json', 'unconfirmed', 1, 'it is gone')
    """
    page.events.execute(statement, [EVENT, local.start, local.end, "nightly"])
    start = datetime.now(UTC)  # of its run: no other test file is later
    page.events.execute(statement, [EVENT, start, start, "test"])
    dags = (f"{NIGHTLY}acme", f"{TEST_FILE}acme")
    paused = {dag_id: page.api.get(f"/dags/{dag_id}")["is_paused"] for dag_id in dags}
    for dag_id in dags:
        page.api.patch(f"/dags/{dag_id}", {"is_paused": True})
    yield local.date
    for dag_id in dags:
        for run in page.api.get(f"/dags/{dag_id}/dagRuns")["dag_runs"]:
            if "unconfirmed" in run["conf"]:
                address = f"{page.stack.url}/api/v2/dags/{dag_id}/dagRuns/{run['dag_run_id']}"
                page.users["admin"].delete(address).raise_for_status()
        page.api.patch(f"/dags/{dag_id}", {"is_paused": paused[dag_id]})
    page.events.execute("delete from event_delivery.delivery_record where state = 'unconfirmed'")


@pytest.fixture
def held(page, monkeypatch):
    """A day of acme that is held; it goes with its runs."""
    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", page.events_uri)
    with open_ledger():
        pass
    local = LocalDay(date(2026, 1, 22), ZONE)
    statement = """
        insert into event_delivery.delivery_record (
          destination, event, interval_start, interval_end, kind, state, attempts, last_error, held_sha256
        )
        values ('acme', %s, %s, %s, 'nightly', 'held', 0, 'too few', %s)
    """
    page.events.execute(statement, [EVENT, local.start, local.end, "ab" * 32])
    dag_id = f"{NIGHTLY}acme"
    paused = page.api.get(f"/dags/{dag_id}")["is_paused"]
    page.api.patch(f"/dags/{dag_id}", {"is_paused": True})
    yield local.date
    for run in page.api.get(f"/dags/{dag_id}/dagRuns")["dag_runs"]:
        if "release" in run["conf"]:
            address = f"{page.stack.url}/api/v2/dags/{dag_id}/dagRuns/{run['dag_run_id']}"
            page.users["admin"].delete(address).raise_for_status()
    page.api.patch(f"/dags/{dag_id}", {"is_paused": paused})
    page.events.execute("delete from event_delivery.delivery_record where state = 'held'")


def add_connections(stack, file, connections):
    file.write_text(json.dumps(connections))
    stack.run_cli("connections", "import", str(file))


@pytest.mark.parametrize("path", [*READS, "/assets/main.js", "/health"])
def test_an_anonymous_visitor_reads_nothing(page, path):
    """Every answer, also an asset, needs a login."""
    assert page.get(path, None).status_code == 401


def test_an_anonymous_visitor_of_the_page_is_led_to_the_login(page):
    """And from there back to the page."""
    answer = page.get("/?destination=acme", None)
    assert answer.status_code == 307
    assert answer.headers["location"].startswith("/auth/login?next=")
    assert "acme" in answer.headers["location"]


def test_a_user_is_told_whether_the_last_night_is_whole(page):
    """A broken destination's never is; a real scheduler and dag processor live, and the watch has run."""
    page.wait_for(lambda: page.get("/health").json()["watch"]["alive"], True)
    answer = page.get("/health")
    told = answer.json()
    assert (answer.status_code, told["healthy"]) == ((200, True) if told["last_night"]["whole"] else (503, False))
    assert (told["scheduler"]["alive"], told["dag_processor"]["alive"]) == (True, True)
    assert told["ledger_error"] is None


def test_a_task_learns_without_a_login_that_the_dag_processor_lives(page, monkeypatch):
    """Of the API server that it reports to; an hour from now nothing would have been seen of it."""
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", page.stack.url)
    assert describe_silence(datetime.now(UTC)) == ""
    assert "was last seen at" in describe_silence(datetime.now(UTC) + timedelta(hours=1))


def test_a_forged_token_is_refused(page):
    """In the header as in the cookie."""
    for headers in ({"Authorization": "Bearer x.y.z"}, {"Cookie": "_token=x.y.z"}):
        assert page.get("/api/overview", None, headers=headers).status_code in (401, 403)


@pytest.mark.parametrize(("path", "body"), ACTIONS.items())
def test_who_may_not_act_is_refused(page, path, body):
    """401 without a login, 403 for a viewer, 403 for what another site could have sent."""
    assert page.post(path, body, None).status_code == 401
    assert page.post(path, body, "viewer").status_code == 403
    for headers in ({}, {"X-Event-Delivery": "0"}):
        assert page.post(path, body, headers=headers).status_code == 403
    plain = {**FROM_PAGE, "Content-Type": "text/plain"}
    assert page.users["admin"].post(path, content=json.dumps(body), headers=plain).status_code == 403
    assert page.row()["paused"] is True
    assert page.api.get(f"/dags/{NIGHTLY}acme/dagRuns")["total_entries"] == 0


def test_a_viewer_reads_and_is_told_that_it_may_not_act(page):
    """`may.act` is false; an admin's is true."""
    assert page.get("/api/overview", "viewer").json()["may"] == {"act": False, "onboard": False}
    assert page.get("/api/overview", "acme_only").json()["may"] == {"act": True, "onboard": False}
    assert page.get("/api/overview").json()["may"] == {"act": True, "onboard": True}
    assert page.get("/api/destination?id=acme", "viewer").status_code == 200


def test_the_security_check_is_for_who_may_edit_connections(page):
    """An admin reads the findings, which hold no secret; a viewer and a stranger do not."""
    path = "/api/security-check"
    assert page.get(path, None).status_code == 401
    assert page.get(path, "viewer").status_code == 403
    answer = page.get(path)
    assert answer.status_code == 200
    found = {each["where"]: each["severity"] for each in answer.json()["findings"]}
    assert found["Connection events_db"] == "high"
    assert WRONG not in answer.text


def test_the_page_itself_is_sent_to_who_is_logged_in(page):
    """With headers that let no foreign script in; a DAG's id leads to its destination."""
    answer = page.get("/")
    assert answer.status_code == 200
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
    led = page.get(f"/?destination={NIGHTLY}acme")
    assert led.headers["location"].endswith("/event_delivery/?destination=acme")


@pytest.mark.parametrize("name", ["../app.py", "..%2Fapp.py", "%2Fetc%2Fpasswd", "nothing.js"])
def test_assets_are_all_that_is_sent(page, name):
    """No path leads out of the folder."""
    assert page.get(f"/assets/{name}").status_code == 404


def test_wrong_questions_are_answered_in_one_sentence(page):
    """A destination that is not there, a range in the wrong order, a day that is none."""
    assert "no destination" in page.get("/api/destination?id=nobody").json()["detail"]
    assert page.get("/api/overview?from=2026-01-05&to=2026-01-04").status_code == 422
    assert page.post("/api/redeliver", {"destination": "acme", "day": "x"}).status_code == 422
    assert page.post("/api/redeliver", {"destination": "nobody", "day": "2026-01-05"}).status_code == 404
    body = {"destination": "acme", "day": "2026-01-05", "event": "nothing"}
    assert page.post("/api/redeliver", body).status_code == 409


def test_the_navigation_and_a_dag_s_page_lead_to_the_page(page):
    """Airflow lists both views, and no plugin failed to load."""
    plugins = page.api.get("/plugins")["plugins"]
    views = next(each for each in plugins if each["name"] == "event_delivery")["external_views"]
    assert [(view["destination"], view["href"]) for view in views] == [
        ("nav", "/event_delivery/"),
        ("dag", "/event_delivery/?destination={DAG_ID}"),
    ]
    assert page.api.get("/plugins/importErrors")["total_entries"] == 0


def test_who_may_read_one_client_sees_no_other(page):
    """Airflow's permission of the nightly DAG counts, for the overview, the details and the actions."""
    overview = page.get("/api/overview", "acme_only").json()
    assert [row["id"] for row in overview["destinations"]] == ["acme"]
    assert overview["counts"]["quarantined"] == 0
    query = f"destination=locked_out&event={EVENT}&day=2026-01-05"
    for path in ("/api/destination?id=locked_out", f"/api/delivery?{query}", "/api/destination?id=nobody"):
        assert page.get(path, "acme_only").status_code == 403
    for path, body in ACTIONS.items():
        assert page.post(path, {**body, "destination": "locked_out"}, "acme_only").status_code == 403
    assert page.post("/api/pause", {"destination": "acme", "paused": True}, "acme_only").status_code == 200


def test_a_clients_guide_is_downloaded_by_who_may_read_it(page):
    """As the commands write it; it says nothing of the Connection, and what hinders it is told."""
    guides = {form: page.get(f"/api/guide?destination=acme&format={form}", "viewer") for form in ("html", "md")}
    for form, answer in guides.items():
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-disposition"] == f'attachment; filename="guide-acme.{form}"'
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "Where it comes" in answer.text
        for ours in ("127.0.0.1", str(page.sftp.port), PASSWORD.strip()):
            assert ours not in answer.text
    assert guides["html"].text.startswith("<!doctype html>")
    assert guides["md"].text.startswith("# Your files: acme")
    schema = page.get(f"/api/guide?destination=acme&format=columns&event={EVENT}", "acme_only")
    assert f'filename="{EVENT}.schema.json"' in schema.headers["content-disposition"]
    assert schema.json()["properties"]["timestamp"]["format"] == "date-time"
    assert page.get("/api/guide?destination=locked_out", "acme_only").status_code == 403
    refused = page.get("/api/guide?destination=broken")
    assert (refused.status_code, "found 'xml'" in refused.json()["detail"]) == (409, True)
    assert page.get("/api/guide?destination=acme&format=columns&event=nothing").status_code == 409


def test_a_file_is_looked_at_masked_unless_the_connection_is_the_readers(page):
    """Who may edit the Connection may see values, and the audit log says who did; nothing is sent."""
    day = date(2026, 1, 28)
    event_id = insert_event(page.events, LocalDay(day, ZONE).start + timedelta(hours=3))
    path = f"/api/preview?destination=acme&day={day}"
    for user in ("viewer", "acme_only", "admin"):
        shown = page.get(path, user)
        told = shown.json()
        assert (shown.status_code, told["may_show"]) == (200, user == "admin"), shown.text
        [event] = json.loads(told["text"])
        assert (event["id"], event["user"], event["userDetail"]["lastName"]) == (event_id, "***", "***")
        assert "userDetail.lastName" in told["masked"]
        assert "Johnson" not in shown.text
        assert told["notes"] == ["1 event, as the source has them now."]
    for user in ("viewer", "acme_only"):
        refused = page.get(f"{path}&values=shown", user)
        assert (refused.status_code, "may edit the Connection" in refused.json()["detail"]) == (403, True)
    assert page.api.get("/eventLogs", event="show_events")["event_logs"] == []
    shown = page.get(f"{path}&values=shown").json()
    assert (json.loads(shown["text"])[0]["userDetail"]["lastName"], shown["masked"]) == ("Johnson", [])
    [entry] = page.api.get("/eventLogs", event="show_events")["event_logs"]
    assert (entry["owner"], json.loads(entry["extra"])["day"]) == ("admin", str(day))
    assert list(page.sftp.user_folder("acme").iterdir()) == []
    assert page.get("/api/preview?destination=locked_out", "acme_only").status_code == 403
    sample = page.get("/api/preview?destination=acme&kind=test", "viewer").json()
    assert (sample["day"], sample["masked"], "Johnson" in sample["text"]) == (None, [], True)


def test_what_cannot_be_looked_at_is_told_in_the_commands_words(page):
    """A day that is not over, and an event type that is none."""
    for query, said in (("day=2100-01-01", "is not over before"), ("event=nothing", "and no 'nothing'")):
        refused = page.get(f"/api/preview?destination=acme&{query}")
        assert (refused.status_code, said in refused.json()["detail"]) == (409, True), refused.text


@pytest.fixture
def newcomer(page):
    """What is asked of who takes a new client on board; its file, Connection and DAGs go afterwards."""
    url = f"sftp://newcomer:{quote(SECRET, safe='')}@127.0.0.1:{page.sftp.port}/"
    yield {"destination": "newcomer", "client": "New Comer", "company_id": COMPANY, "timezone": ZONE, "url": url}
    (page.destinations / "newcomer.yaml").unlink(missing_ok=True)
    page.users["admin"].delete(f"{page.stack.url}/api/v2/connections/sftp_newcomer")


def test_a_client_is_taken_on_board_by_a_form_and_its_test_file_arrives(page, newcomer):
    """Look, confirm, do; the secret stands in the Connection, and in no answer, log or file."""
    looked = page.post("/api/onboarding/look", newcomer)
    told = looked.json()
    key = fingerprint(page.sftp.host_key())
    assert (looked.status_code, told["fingerprint"], told["failed"]) == (200, key, None), looked.text
    unconfirmed = page.post("/api/onboarding/do", newcomer).json()
    assert (unconfirmed["aboard"], key in unconfirmed["email"]) == (False, True)
    wrong = page.post("/api/onboarding/look", {**newcomer, "url": f"sftp://newcomer:{SECRET}@127.0.0.1/"})
    assert "found '@', wanted %40" in wrong.json()["failed"]
    done = page.post("/api/onboarding/do", {**newcomer, "host_key": key})
    told = done.json()
    assert (told["failed"], told["aboard"], told["written"]) == (None, True, True), done.text
    assert (page.destinations / "newcomer.yaml").read_text() == told["yaml"]
    stored = page.api.get("/connections/sftp_newcomer")
    assert (stored["login"], stored["port"]) == ("newcomer", page.sftp.port)
    page.wait_for(lambda: page.post("/api/onboarding/test-file", {"destination": "newcomer"}).status_code, 200)
    page.wait_for(lambda: page.row("newcomer")["test_file"]["state"], "ok")
    assert [path.suffix for path in page.sftp.user_folder("newcomer").iterdir()] == [".json"]
    audited = page.api.get("/eventLogs", event="add_connection")["event_logs"]
    assert [entry["owner"] for entry in audited] == ["admin"]
    for answer in (looked, wrong, done):
        assert SECRET not in answer.text
        assert quote(SECRET) not in answer.text
    logs = [
        path for path in page.stack.folder.rglob("*") if path.is_file() and "log" in path.name + path.parts[-2]
    ]
    for path in [*logs, *(page.stack.folder / "servers").rglob("*")]:
        text = path.read_text(errors="replace") if path.is_file() else ""
        assert "s3cret-0f-newc" not in text, path


def test_a_form_needs_the_right_to_make_the_connection_and_to_read_the_destination(page, newcomer):
    """And that to edit it where it is there; nobody's server is asked meanwhile."""
    for path in ("/api/onboarding/look", "/api/onboarding/do"):
        for user in ("viewer", "acme_only"):
            refused = page.post(path, newcomer, user)
            assert (refused.status_code, "may not do that" in refused.json()["detail"]) == (403, True)
    assert page.get("/api/onboarding", "viewer").status_code == 403
    told = page.get("/api/onboarding").json()
    assert told == {"database": True, "folder": str(page.destinations), "writable": True}
    long = page.post("/api/onboarding/look", {**newcomer, "url": SECRET * 500})
    assert (long.status_code, SECRET in long.text) == (422, False)


@pytest.fixture
def incidents(page, monkeypatch):
    """One of acme alone, and one that it shares with another; they go afterwards."""
    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", page.events_uri)
    with open_ledger():
        pass
    stop_watch(page.api)
    page.events.execute("truncate event_delivery.incident cascade")
    now = datetime.now(UTC)
    for concerns, names in (("destination acme", ["acme"]), ("the source", ["acme", "locked_out"])):
        hits = tuple(Hit(name) for name in names)
        record = IncidentRecord(0, "late", concerns, "late", "error", "Refused.", hits, now, now)
        open_incident(page.events, record)
    yield {each["concerns"]: each["id"] for each in page.get("/api/incidents").json()["incidents"]}
    page.events.execute("truncate event_delivery.incident cascade")


def test_incidents_are_read_and_answered_for_by_the_rights_on_dags(page, incidents):
    """A stranger reads nothing, a viewer only reads, and who has one of two destinations snoozes no other's."""
    own, shared = incidents["destination acme"], incidents["the source"]
    assert page.get("/api/incidents", None).status_code == 401
    assert page.post(f"/api/incidents/{own}/acknowledge", {}, None).status_code == 401
    assert page.post(f"/api/incidents/{own}/acknowledge", {}, headers={}).status_code == 403
    read = page.get("/api/incidents", "viewer").json()["incidents"]
    assert [each["may_answer"] for each in read] == [False, False]
    assert page.post(f"/api/incidents/{own}/acknowledge", {}, "viewer").status_code == 403
    assert page.post(f"/api/incidents/{shared}/acknowledge", {}, "acme_only").status_code == 403
    assert page.get("/api/incidents?destination=locked_out", "acme_only").status_code == 403
    assert "locked_out" not in page.get("/api/incidents", "acme_only").text
    assert page.post(f"/api/incidents/{own}/acknowledge", {}, "acme_only").status_code == 200
    assert page.post(f"/api/incidents/{shared}/acknowledge", {}).status_code == 200
    logged = page.api.get("/eventLogs", event="acknowledge_incident")["event_logs"]
    assert {each["owner"] for each in logged} == {"acme_only", "admin"}
    seen = {each["id"]: each["acknowledged_by"] for each in page.get("/api/incidents").json()["incidents"]}
    assert seen == {own: "acme_only", shared: "admin"}


def test_a_quarantined_client_names_what_it_cost_and_one_backfill_delivers_that_when_mended(page, monkeypatch):
    """Its row, its detail and a refused action name the field; no run is made meanwhile, and no night is lost."""
    last = last_day_before(datetime.now(UTC) - timedelta(hours=2), ZONE)
    first = last.previous.previous
    deliver_by_schedule(page, monkeypatch, "broken", first.previous)
    assert page.row("broken")["worst"] == "quarantined"
    assert "found 'xml'" in page.get("/api/destination?id=broken").json()["quarantined"]
    refused = page.post("/api/redeliver", {"destination": "broken", "day": str(first.date)})
    assert (refused.status_code, "found 'xml'" in refused.json()["detail"]) == (409, True)
    period = {"destination": "broken", "from": "2026-01-05", "to": "2026-01-06"}
    refused = page.post("/api/reconcile", period)
    assert (refused.status_code, "is quarantined" in refused.json()["detail"]) == (409, True)
    page.post("/api/pause", {"destination": "broken", "paused": False})
    lost = [str(day.date) for day in (first, first.next, last)]
    quarantined = [cell["day"] for cell in page.row("broken")["cells"] if cell["state"] == "quarantined"]
    assert quarantined[:3] == lost
    assert f"has cost {len(quarantined)} days, {first.date} to {quarantined[-1]}" in page.row("broken")["notice"]
    assert page.api.get(f"/dags/{NIGHTLY}broken/dagRuns")["total_entries"] == 0
    (page.destinations / "broken.yaml").write_text(f"client: mended\ncompany_id: {COMPANY}\n")
    assert [page.cell("broken", day)["state"] for day in lost[:2]] == ["missing"] * 2
    page.wait_for(lambda: len(page.api.get(f"/dags/{NIGHTLY}broken/tasks")["tasks"]), 3)
    page.wait_for(lambda: page.cell("broken", lost[2])["state"], "empty")
    assert f"No run carries 2 days, {lost[0]} to {lost[1]}." in page.row("broken")["notice"]
    page.post("/api/backfill", {"destination": "broken", "from": lost[0], "to": lost[1]}).raise_for_status()
    page.wait_for(lambda: [page.cell("broken", day)["state"] for day in lost], ["empty"] * 3)
    assert page.row("broken")["notice"] is None


def test_a_viewer_reads_how_many_events_a_day_had_and_not_what_they_were(page, monkeypatch):
    """The most frequent titles are shown to who may edit the nightly DAG alone."""
    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", page.events_uri)
    with open_ledger():
        accept_rows(page.events)
    local = LocalDay(date(2026, 1, 22), ZONE)
    statement = """
        insert into event_delivery.delivery (
          destination, event, interval_start, interval_end, kind, file_name, state, attempts, profile, delivered_at
        )
        values ('acme', %s, %s, %s, 'nightly', 'profiled.json', 'delivered', 1, %s, now())
    """
    profile = {"rows_by_hour": {"9": 3}, "top_titles": {"Safety": 3}}
    page.events.execute(statement, [EVENT, local.start, local.end, json.dumps(profile)])
    path = f"/api/delivery?destination=acme&event={EVENT}&day={local.date}"
    try:
        assert page.get(path, "acme_only").json()["profile"] == profile
        assert page.get(path, "viewer").json()["profile"] == {**profile, "top_titles": {}}
    finally:
        page.events.execute("delete from event_delivery.delivery_record where interval_start = %s", [local.start])


def deliver_by_schedule(page, monkeypatch, destination, day):
    """Let the ledger know a night that was scheduled and delivered."""
    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", page.events_uri)
    with open_ledger():
        accept_rows(page.events)
    statement = """
        insert into event_delivery.delivery (
          destination, event, interval_start, interval_end, kind, file_name, state, attempts, rows, delivered_at,
          run_id
        )
        values (%s, %s, %s, %s, 'nightly', 'first.json', 'delivered', 1, 3, %s, 'scheduled__1')
    """
    page.events.execute(statement, [destination, EVENT, day.start, day.end, day.end])
    attempt = """
        insert into event_delivery.attempt (
          destination, event, interval_start, interval_end, kind, attempt, run_id
        )
        values (%s, %s, %s, %s, 'nightly', 1, 'scheduled__1')
    """
    page.events.execute(attempt, [destination, EVENT, day.start, day.end])


def test_a_day_that_is_not_over_is_refused_before_a_run_is_made(page):
    """By itself, as a decision, and in a range, which names the days; in the words of the library."""
    today = last_day_before(datetime.now(UTC), ZONE).next.date
    yesterday = today - timedelta(1)
    body = {"destination": "acme", "day": str(today)}
    asked = {
        "/api/redeliver": body,
        "/api/resolve": {**body, "decision": "robot"},
        "/api/backfill": {"destination": "acme", "from": str(yesterday), "to": str(today)},
    }
    for path, sent in asked.items():
        refused = page.post(path, sent)
        assert refused.status_code == 422, path
        assert f"{today} is not over before" in refused.json()["detail"]
    row = page.row()
    assert (row["last_over"], row["start_date"]) == (str(yesterday), None)


def test_a_ledger_of_a_newer_release_is_explained(page):
    """Nothing is shown that could be wrong; the sentence says what to do."""
    page.events.execute("insert into event_delivery.schema_version values (999, 'from the future')")
    try:
        answer = page.get("/api/overview")
        assert answer.status_code == 503
        assert "version 999, made by a newer release" in answer.json()["detail"]
    finally:
        page.events.execute("delete from event_delivery.schema_version where version = 999")


def test_a_ledger_that_does_not_answer_is_explained(page):
    """In one sentence without its password."""
    uri = page.api.get("/connections/events_db")
    broken = {"connection_id": "events_db", "conn_type": "postgres", "host": "127.0.0.1", "port": 1}
    page.api.patch("/connections/events_db", {**broken, "password": WRONG})
    answer = page.get("/api/overview")
    kept = {name: uri[name] for name in ("connection_id", "conn_type", "host", "port", "login", "schema", "extra")}
    page.api.patch("/connections/events_db", {**kept, "password": None})
    assert answer.status_code == 503
    assert "ledger_db" in answer.json()["detail"]
    assert WRONG not in answer.text
    assert page.get("/api/overview").status_code == 200


def test_a_day_that_nobody_delivered_is_delivered_by_hand_and_again(page):
    """The first time a run is triggered, the second time it is cleared; links and note lead back. None is late."""
    day = date(2026, 1, 5)
    insert_event(page.events, LocalDay(day, ZONE).start + timedelta(hours=3))
    said = page.post("/api/redeliver", {"destination": "acme", "day": str(day)}).json()
    assert "waits until" in said["said"]
    assert page.cell("acme", day)["state"] == "running"
    answer = page.post("/api/pause", {"destination": "acme", "paused": False})
    assert (answer.status_code, page.row()["paused"]) == (200, False)
    page.wait_for(lambda: page.cell("acme", day)["state"], "delivered")
    [file] = page.sftp.user_folder("acme").glob(f"*{day + timedelta(1)}*")
    shown = page.get(f"/api/delivery?destination=acme&event={EVENT}&day={day}").json()
    assert (shown["file_name"], shown["rows"], shown["state"]) == (file.name, 1, "delivered")
    assert shown["links"]["run"] == said["link"]
    page.wait_for(lambda: page.api.get(f"/dags/{NIGHTLY}acme/dagRuns/{said['run_id']}")["state"], "success")
    run = page.api.get(f"/dags/{NIGHTLY}acme/dagRuns/{said['run_id']}")
    assert run["note"] == f"Delivered `{file.name}`"
    links = page.api.get(f"/dags/{NIGHTLY}acme/dagRuns/{said['run_id']}/taskInstances/upload/links")
    where = f"/plugin/deliveries/event_delivery/?destination=acme&event={EVENT}&day={day}"
    assert links["extra_links"]["Delivery"] == page.stack.url + where

    again = page.post("/api/redeliver", {"destination": "acme", "day": str(day), "event": EVENT}).json()
    assert (again["run_id"], f"cleared for {EVENT}" in again["said"]) == (said["run_id"], True)

    def attempts():
        return len(page.get(f"/api/delivery?destination=acme&event={EVENT}&day={day}").json()["attempts"])

    page.wait_for(attempts, 2)


def test_a_day_is_sent_by_hand_byte_for_byte_as_it_was_delivered(page):
    """By a run of its own, although an event has come since; the answer, the file and the run's note say so."""
    day = date(2026, 1, 14)
    page.post("/api/pause", {"destination": "acme", "paused": False})
    insert_event(page.events, LocalDay(day, ZONE).start + timedelta(hours=3))
    first = page.post("/api/redeliver", {"destination": "acme", "day": str(day)}).json()
    page.wait_for(lambda: page.api.get(f"/dags/{NIGHTLY}acme/dagRuns/{first['run_id']}")["state"], "success")
    [file] = page.sftp.user_folder("acme").glob(f"*{day + timedelta(1)}*")
    content = file.read_bytes()
    file.unlink()
    insert_event(page.events, LocalDay(day, ZONE).start + timedelta(hours=4))
    said = page.post("/api/redeliver", {"destination": "acme", "day": str(day), "exact": True}).json()
    assert said["said"] == f"A run was started that sends {day}, as it was delivered."
    page.wait_for(lambda: page.api.get(f"/dags/{NIGHTLY}acme/dagRuns/{said['run_id']}")["state"], "success")
    assert file.read_bytes() == content
    shown = page.get(f"/api/delivery?destination=acme&event={EVENT}&day={day}").json()
    assert (shown["rows"], shown["exact"], shown["state"]) == (1, True, "delivered")
    note = page.api.get(f"/dags/{NIGHTLY}acme/dagRuns/{said['run_id']}")["note"]
    assert note == f"Delivered `{file.name}`, byte for byte as before"
    page.post("/api/redeliver", {"destination": "acme", "day": str(day), "event": EVENT})
    page.wait_for(lambda: page.get(f"/api/delivery?destination=acme&event={EVENT}&day={day}").json()["rows"], 2)


@pytest.mark.parametrize("decision", ["robot", "send again"])
def test_a_decision_about_an_unconfirmed_day_is_carried_by_a_run_of_its_own(page, unconfirmed, decision):
    """Once: while that run is under way there is nothing to decide."""
    body = {"destination": "acme", "day": str(unconfirmed), "decision": decision}
    assert page.cell("acme", unconfirmed)["state"] == "unconfirmed"
    answer = page.post("/api/resolve", body)
    assert answer.status_code == 200, answer.text
    started = answer.json()
    assert started["link"].startswith(f"/dags/{NIGHTLY}acme/runs/manual__")
    assert f"the file of {unconfirmed}" in started["said"]
    run = page.api.get(f"/dags/{NIGHTLY}acme/dagRuns/{started['run_id']}")
    assert (run["run_type"], run["conf"]) == ("manual", {"day": str(unconfirmed), "unconfirmed": decision})
    assert page.cell("acme", unconfirmed)["state"] == "running"
    assert page.post("/api/resolve", body).status_code == 409


def test_a_held_file_is_released_by_a_run_of_its_own(page, held):
    """For that very file and event type, once; the page then says that it is under way."""
    body = {"destination": "acme", "day": str(held), "event": EVENT, "sha256": "ab" * 32}
    detail = page.get(f"/api/delivery?destination=acme&event={EVENT}&day={held}").json()
    assert (detail["state"], detail["held"]) == ("held", "ab" * 32)
    answer = page.post("/api/release", body)
    assert answer.status_code == 200, answer.text
    started = answer.json()
    run = page.api.get(f"/dags/{NIGHTLY}acme/dagRuns/{started['run_id']}")
    assert run["conf"] == {"day": str(held), "event": EVENT, "release": "ab" * 32}
    assert page.cell("acme", held)["state"] == "running"
    again = page.post("/api/release", body)
    assert (again.status_code, "is under way" in again.json()["detail"]) == (409, True)


def test_only_the_very_file_that_is_held_is_released(page, held):
    """Not one that was seen before another came, none where nothing is held, nothing that is no checksum."""
    body = {"destination": "acme", "day": str(held), "event": EVENT, "sha256": "cd" * 32}
    other = page.post("/api/release", body)
    assert (other.status_code, "Another file is held by now" in other.json()["detail"]) == (409, True)
    none = page.post("/api/release", {**body, "day": str(held + timedelta(1))})
    assert (none.status_code, "nothing to release" in none.json()["detail"]) == (409, True)
    assert page.post("/api/release", {**body, "sha256": "ab"}).status_code == 422
    assert page.post("/api/release", {**body, "sha256": "ab" * 32}, "viewer").status_code == 403
    assert page.post("/api/release", {**body, "sha256": "ab" * 32}, headers={}).status_code == 403
    assert page.cell("acme", held)["state"] == "held"


def test_a_period_is_reconciled_and_its_report_downloaded(page):
    """By a real run, which the destination's answer shows; for who may read it, as the command writes it."""
    day = str(date(2026, 1, 25))
    body = {"destination": "acme", "from": day, "to": day}
    answer = page.post("/api/reconcile", body)
    assert answer.status_code == 200, answer.text
    run_id = answer.json()["run_id"]
    conf = page.api.get(f"/dags/reconcile_deliveries/dagRuns/{run_id}")["conf"]
    assert conf == {"destination": "acme", "from": day, "to": day}

    def reports():
        return page.get("/api/destination?id=acme", "viewer").json()["reconciliations"]["reports"]

    page.wait_for(lambda: [one["first"] for one in reports()], [day])
    [report] = reports()
    assert report["link"].endswith(run_id.replace(":", "%3A").replace("+", "%2B"))
    address = f"/api/reconciliation?destination=acme&report={report['id']}"
    as_json, as_csv = page.get(address, "viewer"), page.get(f"{address}&format=csv", "acme_only")
    found = as_json.json()
    described = {name: value for name, value in found.items() if name != "sha256"}
    text = json.dumps(described, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(text.encode()).hexdigest() == found["sha256"] == report["sha256"]
    assert f'filename="reconciliation-acme-{day}-{day}.json"' in as_json.headers["content-disposition"]
    assert (as_csv.headers["content-type"], len(as_csv.text.splitlines())) == ("text/csv; charset=utf-8", 2)
    other = f"/api/reconciliation?destination=locked_out&report={report['id']}"
    assert (page.get(other).status_code, page.get(other, "acme_only").status_code) == (404, 403)


def test_a_period_that_is_not_over_is_not_reconciled(page):
    """Nor one that ends before it begins; nothing is started."""
    today = str(datetime.now(UTC).date() + timedelta(1))
    body = {"destination": "acme", "from": "2026-01-05", "to": today}
    assert page.post("/api/reconcile", body).status_code == 422
    assert page.post("/api/reconcile", {**body, "from": "2026-01-05", "to": "2026-01-04"}).status_code == 422


def test_a_decision_about_an_unconfirmed_test_file_sends_another(page, unconfirmed):
    """The run names no day."""
    assert page.row()["test_file"]["state"] == "unconfirmed"
    body = {"destination": "acme", "kind": "test", "decision": "robot"}
    started = page.post("/api/resolve", body).json()
    run = page.api.get(f"/dags/{TEST_FILE}acme/dagRuns/{started['run_id']}")
    assert run["conf"] == {"unconfirmed": "robot"}
    assert page.row()["test_file"]["state"] == "pending"
    assert page.post("/api/resolve", {**body, "day": str(unconfirmed)}).status_code == 409


def test_an_unconfirmed_day_is_not_delivered_again_before_somebody_decides(page, unconfirmed):
    """The refusal names both choices, and nothing is started."""
    refused = page.post("/api/redeliver", {"destination": "acme", "day": str(unconfirmed)})
    assert refused.status_code == 409
    for words in ("Nobody can tell", "a robot takes files there", "the file is sent again"):
        assert words in refused.json()["detail"]
    assert page.cell("acme", unconfirmed)["state"] == "unconfirmed"


def test_a_wrong_decision_is_refused_in_words(page, unconfirmed):
    """A day that is not unconfirmed, no day, no such decision, no right, another site."""
    body = {"destination": "acme", "day": str(unconfirmed), "decision": "robot"}
    other = page.post("/api/resolve", {**body, "day": str(unconfirmed + timedelta(1))})
    assert (other.status_code, "is not unconfirmed" in other.json()["detail"]) == (409, True)
    assert page.post("/api/resolve", {**body, "decision": "perhaps"}).status_code == 422
    assert page.post("/api/resolve", {"destination": "acme", "decision": "robot"}).status_code == 422
    assert page.post("/api/resolve", body, "viewer").status_code == 403
    assert page.post("/api/resolve", {**body, "kind": "test"}, "viewer").status_code == 403
    assert page.post("/api/resolve", body, headers={}).status_code == 403
    assert page.cell("acme", unconfirmed)["state"] == "unconfirmed"


def test_missed_days_are_delivered_by_a_real_backfill(page):
    """Airflow shows it among the DAG's backfills; a second one at the same time is refused in a sentence."""
    first, last = date(2026, 1, 7), date(2026, 1, 9)
    page.post("/api/pause", {"destination": "acme", "paused": False})
    body = {"destination": "acme", "from": str(first), "to": str(last)}
    started = page.post("/api/backfill", body).json()
    assert started["link"] == f"/dags/{NIGHTLY}acme/backfills"
    assert page.api.get(f"/backfills/{started['backfill_id']}")["dag_id"] == f"{NIGHTLY}acme"
    refused = page.post("/api/backfill", body)
    assert refused.status_code == 409
    assert "already a running backfill" in refused.json()["detail"]

    def states():
        rows = page.get(f"/api/overview?from={first}&to={last}").json()["destinations"]
        return [cell["state"] for row in rows if row["id"] == "acme" for cell in row["cells"]]

    page.wait_for(states, ["empty"] * 3)


def test_a_client_that_refuses_is_explained_mended_and_turns_green(page):
    """The reason stands in the overview; after the Connection is mended one action delivers the night."""
    day = last_day_before(datetime.now(UTC) - timedelta(hours=2), ZONE).date
    page.post("/api/pause", {"destination": "locked_out", "paused": False})
    page.wait_for(lambda: page.cell("locked_out", day)["state"], "retrying")
    cell = page.cell("locked_out", day)
    assert cell["attempt"] >= 1
    assert "password" in cell["error"]
    assert WRONG not in page.get("/api/overview").text
    shown = page.get(f"/api/delivery?destination=locked_out&event={EVENT}&day={day}").json()
    assert shown["attempts"][0]["error"] == shown["last_error"]
    page.api.patch(
        "/connections/sftp_locked_out",
        {"connection_id": "sftp_locked_out", "conn_type": "sftp", "password": PASSWORD},
    )
    page.wait_for(lambda: "next_at" in page.cell("locked_out", day), True)
    assert page.post("/api/redeliver", {"destination": "locked_out", "day": str(day)}).status_code == 200
    page.wait_for(lambda: page.cell("locked_out", day)["state"] in ("delivered", "late", "empty"), True)


def test_a_test_file_is_sent_and_shown(page):
    """From pending to ok, with the run that was started."""
    said = page.post("/api/test-file", {"destination": "acme"}).json()
    assert said["run_id"]
    assert page.row()["test_file"]["state"] == "pending"
    page.api.patch(f"/dags/{TEST_FILE}acme", {"is_paused": False})
    page.wait_for(lambda: page.row()["test_file"]["state"], "ok")
    assert page.row()["test_file"]["at"]


@pytest.fixture
def stranger(page, monkeypatch):
    """The public key that acme's server has shown besides the right one; at the end only the right one counts."""
    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", page.events_uri)
    with open_ledger():
        pass
    key = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    page.events.execute(
        "insert into event_delivery.host_key (host, port, public_key, state)"
        " values ('127.0.0.1', %s, %s, 'shown only')",
        [page.sftp.port, key],
    )
    yield key
    set_host_key(page, page.sftp.host_key())
    page.events.execute("delete from event_delivery.host_key where public_key = %s", [key])


def set_host_key(page, key):
    fields = {"connection_id": "sftp_acme", "conn_type": "sftp", "extra": json.dumps({"host_key": key})}
    page.api.patch("/connections/sftp_acme?update_mask=extra", fields)


def host_key_of(page):
    return json.loads(page.api.get("/connections/sftp_acme")["extra"])["host_key"]


def test_only_who_may_edit_the_connection_confirms_a_host_key(page, stranger):
    """Not a viewer, and not who may trigger every run of the client; the audit log names who did."""
    before, body = host_key_of(page), {"destination": "acme", "fingerprint": fingerprint(stranger)}
    for user in ("viewer", "acme_only"):
        seen = page.get("/api/destination?id=acme", user)
        assert (seen.json()["kept"], seen.json()["host_keys"]) == (True, [])
        assert f"127.0.0.1:{page.sftp.port}" not in seen.text
        refused = page.post("/api/confirm-host-key", body, user)
        assert (refused.status_code, "edit its Connection" in refused.text) == (403, True)
    assert host_key_of(page) == before
    assert [each["confirmable"] for each in keys_shown(page) if each["fingerprint"] == fingerprint(stranger)] == [
        True
    ]
    said = page.post("/api/confirm-host-key", body)
    assert (said.status_code, fingerprint(stranger) in said.json()["said"]) == (200, True)
    assert host_key_of(page) == stranger
    assert PASSWORD.strip() not in said.text
    [entry] = page.api.get("/eventLogs", event="confirm_host_key")["event_logs"]
    assert (entry["owner"], fingerprint(stranger) in entry["extra"]) == ("admin", True)
    assert page.api.get("/connections/sftp_acme")["login"] == "acme"


def keys_shown(page, user="admin"):
    return page.get("/api/destination?id=acme", user).json()["host_keys"]


def test_a_run_changes_no_trust(page, stranger):
    """Whoever may trigger the test file hands over a key as it once worked: a red run, and nothing is trusted."""
    before = host_key_of(page)
    conf = {"accept_host_key": fingerprint(stranger)}
    page.api.patch(f"/dags/{TEST_FILE}acme", {"is_paused": False})
    address = f"{page.stack.url}/api/v2/dags/{TEST_FILE}acme/dagRuns"
    made = page.users["acme_only"].post(address, json={"logical_date": None, "conf": conf})
    made.raise_for_status()
    assert page.api.wait_for_run(f"{TEST_FILE}acme", made.json()["dag_run_id"])["state"] == "failed"
    tasks = page.api.tasks(f"{TEST_FILE}acme", made.json()["dag_run_id"])
    [upload] = [task for task in tasks if task["task_id"] == "upload"]
    assert "no run changes which host key counts" in page.api.task_log(upload, 60)
    assert host_key_of(page) == before
    states = page.events.execute("select public_key, state from event_delivery.host_key").fetchall()
    assert (stranger, "shown only") in states


def test_a_host_key_that_was_never_shown_or_is_pinned_elsewhere_is_not_confirmed(page, stranger):
    """The sentence names what was shown, and what to do."""
    unseen = {"destination": "acme", "fingerprint": "SHA256:" + "B" * 43}
    refused = page.post("/api/confirm-host-key", unseen)
    assert (refused.status_code, fingerprint(stranger) in refused.json()["detail"]) == (409, True)
    for malformed in ("", "yes", "SHA256:" + "A" * 42, "SHA256:" + "A" * 43 + "\n", None, ["x"]):
        body = {"destination": "acme", "fingerprint": malformed}
        assert page.post("/api/confirm-host-key", body).status_code == 422
    file = page.destinations / "acme.yaml"
    text = file.read_text()
    try:
        file.write_text(text + f"host_key: {fingerprint(stranger)}\n")
        confirm = {"destination": "acme", "fingerprint": fingerprint(stranger)}
        answer = page.post("/api/confirm-host-key", confirm)
        assert (answer.status_code, answer.json()["detail"]) == (409, "acme.yaml names its host_key: edit that.")
    finally:
        file.write_text(text)


def test_the_command_line_lists_and_confirms_host_keys(page, stranger):
    """What the message of a refused attempt tells to run works as it stands."""
    environment = page.stack.environment()
    environment["PYTHONPATH"] = os.pathsep.join([str(PROJECT / "plugins"), environment["PYTHONPATH"]])
    environment["AIRFLOW_CONN_SFTP_ELSEWHERE"] = confirmed_uri(page.sftp, "acme", PASSWORD)

    def run(*arguments):
        command = [sys.executable, "-m", "event_delivery.host_keys", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert f"{fingerprint(stranger)}  shown only, last seen" in run("list", "sftp_acme").stdout
    done = run("confirm", "sftp_acme", fingerprint(stranger))
    assert (done.returncode, fingerprint(stranger) in done.stdout) == (0, True), done.stderr
    assert host_key_of(page) == stranger
    for arguments, said in (
        (("sftp_elsewhere", fingerprint(stranger)), "not kept in Airflow's database"),
        (("sftp_acme", "SHA256:x"), "has shown no host key 'SHA256:x'"),
    ):
        failed = run("confirm", *arguments)
        assert (failed.returncode, said in failed.stderr) == (1, True), failed.stderr


ODD = st.one_of(
    st.text(max_size=300),
    st.sampled_from(
        [
            "\0",
            "a\0b",
            "x" * 5_000,
            "../../etc/passwd",
            "0001-01-01",
            "9999-12-31",
            "-1",
            "NaN",
            "\x1b[31m",
            "%00",
            "ü" * 200,
        ]
    ),
)


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/api/overview", ("from", "to")),
        ("/api/delivery", ("destination", "event", "day", "kind", "start", "end")),
        ("/api/destination", ("id",)),
        ("/api/guide", ("destination", "format", "event")),
        ("/api/preview", ("destination", "event", "day", "kind", "values")),
        ("/", ("destination",)),
    ],
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_question_breaks_the_page(page, path, names, data):
    """Whatever stands in a parameter: an answer or a refusal, never an error of ours."""
    right = {"destination": "acme", "event": EVENT, "day": "2026-01-05", "id": "acme"}
    params = {name: data.draw(st.one_of(ODD, st.just(right.get(name, "2026-01-05")))) for name in names}
    answer = page.get(path, params=params)
    assert answer.status_code < 500, (params, answer.text[:300])
    assert len(answer.content) < 1_000_000


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=ODD, data=st.data())
def test_no_name_and_no_action_breaks_the_page(page, name, data):
    """An asset that is none, and an action on what is none."""
    address = "/assets/" + quote(name, safe="")
    assert page.get(address).status_code in (404, 400, 307, 414), name
    path = data.draw(st.sampled_from(sorted(ACTIONS)))
    body = {key: data.draw(ODD) for key in ACTIONS[path]}
    answer = page.post(path, body)
    least = 200 if "onboarding" in path else 400  # a step that fails is an answer, too
    assert least <= answer.status_code < 500, (path, body, answer.text[:300])
    assert '"aboard":true' not in answer.text


def test_no_answer_holds_a_secret_or_a_learner(page):
    """Neither the Connections' passwords nor an event's person."""
    answers = [page.get("/api/overview").text]
    for name in ("acme", "locked_out"):
        answers.append(page.get(f"/api/destination?id={name}").text)
        for cell in page.row(name)["cells"]:
            query = f"destination={name}&event={EVENT}&day={cell['day']}"
            answers.append(page.get(f"/api/delivery?{query}").text)
    text = "\n".join(answers)
    for secret in (PASSWORD.strip(), WRONG, "Johnson", "bobjohnson", "000111222333"):
        assert secret not in text
    assert len(answers) > 4


def test_the_command_line_gives_the_same_answer(page):
    """As JSON for scripts and as a table; the Connections of Airflow's own database count."""
    environment = page.stack.environment()
    environment["PYTHONPATH"] = os.pathsep.join([str(PROJECT / "plugins"), environment["PYTHONPATH"]])

    def run(*arguments):
        command = [sys.executable, "-m", "event_delivery.page", "overview", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    asked = json.loads(run("--json", "--from", "2026-01-05", "--to", "2026-01-09"))
    served = page.get("/api/overview?from=2026-01-05&to=2026-01-09").json()
    assert asked["destinations"] == served["destinations"]
    assert "locked_out" in run()
    assert "(no destination)" in run("--state", "disabled")
