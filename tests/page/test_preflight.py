"""Does the page say what was found when the coming night was last looked over, to whom it may be told?"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from airflow.api_fastapi.core_api.security import get_user
from fastapi.testclient import TestClient

from event_delivery.ledger.preflights import Finding, Preflight, record_preflight
from event_delivery.page.__main__ import main
from event_delivery.page.http import access
from event_delivery.page.http.access import require_user
from event_delivery.page.http.app import page_app, serve
from tests import PROJECT
from tests.sample_events import COMPANY

NOW = datetime.now(UTC).replace(microsecond=0)
SERVERS = {"acme": "sftp.x:22", "birch": "sftp.x:22", "cedar": "sftp.y:22", "broken": "-"}
REFUSED = "sftp.x:22, connecting: refused."
FOUND = (
    Finding(None, "pool", "The pool is missing.", "Make it."),
    Finding("acme", "server", f"acme: {REFUSED}", "Call."),
    Finding("birch", "server", f"birch: {REFUSED}", "Call."),
    Finding("birch", "folder", "birch: leads to the same folder as acme.", "Correct it."),
    Finding("broken", "destination", "broken: field 'format'.", "Mend it."),
)


@pytest.fixture
def client(ledger, tmp_path, monkeypatch):
    """The page of four destinations, of which a reader may read all until a test says otherwise."""
    for name in SERVERS:
        (tmp_path / f"{name}.yaml").write_text(f"client: {name}\ncompany_id: {COMPANY}\n")
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(tmp_path))
    ledger.execute("truncate event_delivery.preflight, event_delivery.preflight_finding")
    ledger.execute("truncate event_delivery.preflight_destination")
    permit(monkeypatch, *SERVERS)
    app = page_app()
    app.dependency_overrides.update(dict.fromkeys((get_user, require_user), object))
    yield TestClient(serve, raise_server_exceptions=False)
    app.dependency_overrides.clear()


def permit(monkeypatch, *names):
    """Let the reader read these destinations' DAGs."""
    monkeypatch.setattr(
        access, "_filter_dags", lambda _user, _method, ids: {i for i in ids if i.rpartition("__")[2] in names}
    )


def ask(client):
    """Return the page's answer."""
    return client.get("/api/preflight").json()


def test_the_whole_look_is_told_by_destination_and_server_and_what_was_fine(client, ledger):
    """One server that many share is one entry; the DAG that looks is linked."""
    record_preflight(ledger, Preflight(NOW, 3, FOUND, SERVERS))
    told = ask(client)
    assert (told["looked_at"], told["is_current"], told["looked"]) == (f"{NOW:%Y-%m-%dT%H:%M:%SZ}", True, 4)
    assert [(each["kind"], each["server"], each["destinations"]) for each in told["findings"]] == [
        ("pool", None, []),
        ("server", "sftp.x:22", ["acme", "birch"]),
        ("folder", "sftp.x:22", ["birch"]),
        ("destination", None, ["broken"]),
    ]
    assert (told["findings"][1]["told"], told["findings"][1]["advice"]) == (REFUSED, "Call.")
    assert told["fine"] == [{"destination": "cedar", "server": "sftp.y:22"}]
    assert told["link"] == "/dags/preflight_deliveries"


def test_without_a_look_nothing_is_called_fine(client, ledger):
    """And a look that another should have followed is said to be old."""
    none = ask(client)
    assert (none["looked_at"], none["is_current"], none["findings"], none["fine"]) == (None, False, [], [])
    record_preflight(ledger, Preflight(NOW - timedelta(hours=27), 4, (), SERVERS))
    assert (ask(client)["is_current"], len(ask(client)["fine"])) == (False, 4)


def test_a_look_of_an_earlier_release_names_no_fine_destination(client, ledger):
    """It kept how many there were, and not which."""
    record_preflight(ledger, Preflight(NOW, 7))
    assert (ask(client)["looked"], ask(client)["fine"]) == (7, [])


def test_a_reader_learns_no_name_of_a_destination_that_it_may_not_read(client, ledger, monkeypatch):
    """Neither one that would fail, nor a fine one, nor one that another's finding names."""
    record_preflight(ledger, Preflight(NOW, 3, FOUND, SERVERS))
    permit(monkeypatch, "birch")
    told = client.get("/api/preflight")
    assert not any(name in told.text for name in ("acme", "cedar", "broken"))
    assert [each["destinations"] for each in told.json()["findings"]] == [[], ["birch"], ["birch"]]
    assert told.json()["findings"][2]["told"].startswith("Shared with destinations")
    assert (told.json()["looked"], told.json()["fine"]) == (1, [])


def test_the_command_line_tells_the_same(client, ledger, capsys):
    """As JSON for scripts, and in words."""
    assert main(["preflight"]) == 0
    assert "nobody has looked yet" in capsys.readouterr().out
    record_preflight(ledger, Preflight(NOW, 3, FOUND, SERVERS))
    assert main(["preflight", "--json"]) == 0
    served = {**ask(client), "now": None}
    assert {**json.loads(capsys.readouterr().out), "now": None} == served
    assert main(["preflight"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert f"server: acme, birch: {REFUSED} Call." in said
    assert said[-1] == "fine: cedar (sftp.y:22)"


def test_the_example_of_the_documentation_has_the_keys_of_the_answer(client, ledger):
    """Scripts are written from it."""
    record_preflight(ledger, Preflight(NOW, 3, FOUND, SERVERS))
    text = (PROJECT / "docs/operations.md").read_text().partition("GET /event_delivery/api/preflight")[2]
    example, told = json.loads(text.partition("```json\n")[2].partition("```")[0]), ask(client)
    assert example.keys() == told.keys()
    assert example["findings"][0].keys() == told["findings"][0].keys()
    assert example["fine"][0].keys() == told["fine"][0].keys()
