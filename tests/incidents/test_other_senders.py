"""Do Slack, apprise and PagerDuty get what docs/alerts.md gives them? `make test-cluster` has their providers."""

from __future__ import annotations

import json
import re

import pytest

from event_delivery.incidents.alerts import alerts_file
from tests import PROJECT
from tests.incidents.test_watch import DISK, deliver, fail, write_all
from tests.webhooks import WebhookServer, running_webhooks

DOCS = (PROJECT / "docs/alerts.md").read_text(encoding="utf-8")
SECRET = "T0/B0/hunter2"
SUBJECT = "[error] Destination acme: not delivered in time"
SETTLED = {"minutes": 20}  # longer than `settle_minutes`, and than a message that failed waits


@pytest.fixture
def webhooks(tmp_path, monkeypatch):
    """What the senders talk to, each of whose libraries is told by another name whom to trust."""
    with running_webhooks(tmp_path) as server:
        for setting in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
            monkeypatch.setenv(setting, str(server.certificate))
        yield server


@pytest.fixture(params=["Slack", "apprise", "PagerDuty"])
def sender(request, watching, webhooks, monkeypatch):
    """A sender, its rule and its Connection as documented, but for where its service is."""
    notifier, arguments = re.search(rf"^\| {request.param} \| `(.*)` \| `(.*)` \|$", DOCS, re.MULTILINE).groups()
    rule = f"{{notifier: {notifier}, arguments: {arguments}}}"
    alerts_file().write_text(f"senders: {{it: {rule}}}\nrules: [{{send_to: [it]}}]\n", encoding="utf-8")
    connection = re.search(r"_conn_id: (\w+)", arguments).group(1)
    given = re.search(rf"^\| `{connection}` \| `(.*)` \|$", DOCS, re.MULTILINE).group(1)
    for documented, here in {
        "hooks.slack.com": webhooks.address,
        "T.../B.../...": SECRET,
        "<integration key>": SECRET,
        "mailtos://...": f"jsons://{webhooks.address}/{SECRET}",
    }.items():
        given = given.replace(documented, here)
    monkeypatch.setenv(f"AIRFLOW_CONN_{connection.upper()}", given)
    point_pagerduty_at(webhooks, monkeypatch)
    return request.param


def point_pagerduty_at(webhooks: WebhookServer, monkeypatch) -> None:
    """No Connection says where PagerDuty is."""
    from pagerduty import EventsApiV2Client

    monkeypatch.setattr(EventsApiV2Client, "default_base_url", f"https://{webhooks.address}")


def read(sender: str, body: str) -> tuple[str, str]:
    """Return subject and text of what was posted."""
    posted = json.loads(body)
    if sender == "Slack":
        subject, _, text = posted["text"].partition("\n")
        return subject, text
    if sender == "apprise":
        return posted["title"], posted["message"]
    return posted["payload"]["summary"], posted["payload"]["custom_details"]


def test_both_ends_of_an_incident_are_sent_as_documented(watching, webhooks, sender, ledger, night):
    """One message each, with the cause and what to do; of PagerDuty's the second resolves the first."""
    write_all(night)
    fail(ledger, night, DISK, permanent=True, now=watching.now)
    assert watching.look() == watching.look(minutes=10) == []
    deliver(ledger)
    watching.look(**SETTLED)
    assert watching.look(**SETTLED) == []
    (begun, text), (over, _) = [read(sender, body) for body in webhooks.bodies]
    assert (begun, over[:6]) == (SUBJECT, "[over]")
    assert "the disk is full. Ask the client to make room." in " ".join(text.split())
    if sender == "PagerDuty":
        first, last = map(json.loads, webhooks.bodies)
        assert (first["event_action"], last["event_action"]) == ("trigger", "resolve")
        assert first["dedup_key"] == last["dedup_key"]
        assert first["payload"]["severity"] == "error"


def test_what_a_service_refuses_is_sent_again_unless_airflow_hides_it(watching, webhooks, sender, ledger, night):
    """As documented of apprise's notifier; no secret stands in the watch's failure."""
    write_all(night)
    fail(ledger, night, DISK, permanent=True, now=watching.now)
    webhooks.status = 400
    failures = watching.look()
    webhooks.status = 200
    refused = len(webhooks.bodies)
    assert watching.look(**SETTLED) == []
    if sender == "apprise":
        assert (failures, webhooks.bodies[refused:]) == ([], [])
    else:
        [failure] = failures
        assert failure.startswith("it: ")
        assert SECRET.rpartition("/")[2] not in failure
        assert [read(sender, body)[0] for body in webhooks.bodies[refused:]] == [SUBJECT]
