"""Are the rules read as they are meant, and is what is wrong with them said plainly?"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from jinja2 import Template

from event_delivery.destinations import Destination
from event_delivery.errors import PermanentError
from event_delivery.incidents.__main__ import main
from event_delivery.incidents.alerts import Alerts, read_alerts
from event_delivery.incidents.deadline import deadline_of
from event_delivery.incidents.examples import example_of
from event_delivery.incidents.kinds import KINDS
from event_delivery.incidents.message import write_operator
from event_delivery.incidents.reasons import find_shared_cause
from event_delivery.incidents.routing import choose_openings
from event_delivery.schedule import LocalDay, interval_of
from tests import PROJECT
from tests.sample_events import COMPANY

SMTP = "airflow.providers.smtp.notifications.smtp.SmtpNotifier"
DOCS = (PROJECT / "docs/alerts.md").read_text(encoding="utf-8")
NIGHT = datetime(2026, 3, 8, 6, 30, tzinfo=UTC)  # 01:30 in New York, half an hour before clocks go forward


def read(tmp_path: Path, text: str) -> Alerts:
    file = tmp_path / "alerts.yaml"
    file.write_text(text, encoding="utf-8")
    return read_alerts(file)


def rules(**rule) -> Alerts:
    return Alerts(senders={"mail": {"notifier": SMTP}}, rules=[{"send_to": ["mail"], **rule}])


@pytest.mark.parametrize(
    "text, message",
    [
        ("rules: [{send_to: [x]}]", "field 'rules': a rule names the sender 'x', wanted one of: "),
        ("rules: [{send_to: [], kinds: [x]}]", "field 'rules': a rule names the kind 'x', wanted of: retrying, "),
        ("rules: [{send_to: [], severity: bad}]", "field 'rules.0.severity': Input should be 'info', 'warning'"),
        ("rules: [{send_to: [], hours: 7-9}]", "field 'rules.0.hours': wanted two times of day in quotes"),
        ("rules: [{}]", "field 'rules.0.send_to': Field required"),
        ("timezone: Mars", "field 'timezone': wanted an IANA time zone"),
        ("retrying_after: 0", "field 'retrying_after': Input should be greater"),
        ("senders: {x: {notifier: no.such.Thing}}", "senders.x: the notifier 'no.such.Thing' cannot be imported"),
        ("contact_sender: x", "field 'contact_sender': found 'x', wanted one of: "),
        (
            f"senders: {{x: {{notifier: {SMTP}, arguments: {{subject: '{{{{ alert.subjct }}}}'}}}}}}",
            "field 'senders.x.arguments': found alert.subjct, wanted alert. and one of: subject, body, html, to,",
        ),
        (
            f"senders: {{x: {{notifier: {SMTP}, arguments: {{form_email: hunter2}}}}}}",
            "senders.x: the notifier 'airflow.providers.smtp.notifications.smtp.SmtpNotifier' does not take its",
        ),
        ("password: hunter2", "field 'password': Extra inputs are not permitted"),
        ("a: [", "not YAML"),
    ],
)
def test_wrong_rules_are_refused_with_the_place_and_without_the_value(tmp_path, text, message):
    """One sentence, which is the failure of the watch."""
    with pytest.raises(PermanentError) as refused:
        read(tmp_path, text)
    assert message in str(refused.value)
    assert str(refused.value).startswith("alerts.yaml: ")
    assert "hunter2" not in str(refused.value)


def test_a_file_that_a_setting_names_has_to_be_there(tmp_path, monkeypatch):
    """Else a misspelled path, or a mount that failed, would be a watch that is green and tells nobody anything."""
    monkeypatch.setenv("EVENT_DELIVERY_ALERTS", str(tmp_path / "alrets.yaml"))
    with pytest.raises(PermanentError) as refused:
        read_alerts()
    assert "alrets.yaml, which EVENT_DELIVERY_ALERTS names: No such file or directory. Nobody is told" in str(
        refused.value
    )


def test_the_check_names_a_rule_that_fits_nobody(tmp_path, monkeypatch, capsys):
    """It may be for a client to come, or a misspelled one of whom nobody would be told."""
    (tmp_path / "acme.yaml").write_text(f"client: Acme\ncompany_id: {COMPANY}\n")
    (tmp_path / "rules").write_text("rules: [{send_to: [], destinations: [acme, 'ac*', acmee, '*']}]")
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(tmp_path))
    monkeypatch.setenv("EVENT_DELIVERY_ALERTS", str(tmp_path / "rules"))
    assert main(["check"]) == 0
    told = capsys.readouterr().out
    assert told.count("Mind: ") == 1
    assert "names the destinations 'acmee', and none that is there is called so" in told


def test_an_address_is_no_part_of_an_alert(tmp_path):
    """Only what is rendered is looked at."""
    to = "alert.team@example.org"
    sender = {"notifier": SMTP, "arguments": {"to": to, "subject": "{{ alert.subject }}"}}
    assert read(tmp_path, yaml.safe_dump({"senders": {"x": sender}})).senders["x"].arguments["to"] == to


def test_the_documented_rules_are_right(tmp_path):
    """The example may be copied; each kind stands in the table, with its severity."""
    [text] = re.findall(r"^```yaml\n(.*?)^```$", DOCS, flags=re.MULTILINE | re.DOTALL)
    assert read(tmp_path, text).contact_sender == "clients"
    documented = dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", DOCS, flags=re.MULTILINE))
    assert documented == {kind.name: kind.severity for kind in KINDS.values()}
    for arguments in re.findall(r"`(\{.*?\})` \|$", DOCS, flags=re.MULTILINE):
        assert isinstance(yaml.safe_load(arguments), dict)


def test_what_the_documentation_gives_to_pagerduty_resolves_what_it_raised():
    """As Airflow renders it; an end that triggers would page anew."""
    [text] = re.findall(r"PagerdutyNotifier` \| `(\{.*\})` \|$", DOCS, flags=re.MULTILINE)
    begun, over = (
        {
            name: Template(given).render(alert=write_operator(example_of("late"), ending, "UTC"))
            for name, given in yaml.safe_load(text).items()
        }
        for ending in ("opened", "closed")
    )
    assert (begun["action"], over["action"]) == ("trigger", "resolve")
    assert begun["dedup_key"] == over["dedup_key"] != ""
    assert begun["severity"] == "error"
    assert begun["summary"] == "[error] Destination acme: not delivered in time"


@pytest.mark.parametrize(
    "rule, kind, is_told",
    [
        ({}, "late", True),
        ({"kinds": ["late"]}, "late", True),
        ({"kinds": ["late"]}, "missing", False),
        ({"severity": "error"}, "retrying", False),
        ({"severity": "warning"}, "late", True),
        ({"destinations": ["ac*"]}, "late", True),
        ({"destinations": ["b*"]}, "late", False),
        ({"destinations": ["b*"]}, "ledger_unreachable", False),
        ({"destinations": ["cedar"]}, "server_unreachable", True),
    ],
)
def test_a_rule_counts_by_kind_severity_and_destination(rule, kind, is_told):
    """What it does not name it does not ask for."""
    assert bool(choose_openings(example_of(kind), rules(**rule), {}, NIGHT)) == is_told


@pytest.mark.parametrize(
    "hours, wanted",
    [
        ("00:00-06:00", NIGHT),
        ("22:00-06:00", NIGHT),
        ("07:00-19:00", datetime(2026, 3, 8, 11, tzinfo=UTC)),
        ("02:30-19:00", datetime(2026, 3, 8, 7, tzinfo=UTC)),  # a time that the clocks skip
        ("01:00-01:30", datetime(2026, 3, 9, 5, tzinfo=UTC)),
    ],
)
def test_hours_hold_a_message_until_they_begin(hours, wanted):
    """In the time zone of the rules, also over midnight and when clocks change; or the rule does not count."""
    [opening] = choose_openings(example_of("late"), rules(hours=hours), {}, NIGHT)
    assert opening.not_before == wanted
    skipped = choose_openings(example_of("late"), rules(hours=hours, outside="skip"), {}, NIGHT)
    assert bool(skipped) == (wanted == NIGHT)


def test_of_two_rules_the_earlier_hour_counts():
    """Each sender tells an incident once."""
    both = Alerts(
        senders={"mail": {"notifier": SMTP}},
        rules=[{"send_to": ["mail"], "hours": "07:00-08:00"}, {"send_to": ["mail", "mail"]}],
    )
    [opening] = choose_openings(example_of("late"), both, {}, NIGHT)
    assert opening.not_before == NIGHT


@pytest.mark.parametrize(
    "fields, wanted",
    [
        ({}, "2026-03-08T11:30"),  # 4 h 30 min after 3 o'clock, which 2 o'clock is
        ({"deliver_by": "06:30"}, "2026-03-08T10:30"),
        ({"deliver_by": "01:00"}, "2026-03-09T05:00"),
        ({"deliver_by": "02:00", "deliver_at": "02:00"}, "2026-03-09T06:00"),
        ({"deliver_by": "06:30", "timezone": "Asia/Tokyo"}, "2026-03-07T21:30"),
    ],
)
def test_a_night_is_promised_by_the_first_such_time_after_it_is_due(fields, wanted):
    """Also where clocks go forward in the night: 2 o'clock is 3 then."""
    acme = Destination(id="acme", client="Acme", company_id=COMPANY, **fields)
    interval = interval_of(LocalDay(datetime(2026, 3, 7, tzinfo=UTC).date(), acme.timezone))
    assert deadline_of(acme, interval) == datetime.fromisoformat(f"{wanted}:00+00:00")


@pytest.mark.parametrize(
    "reason, shared",
    [
        ("events_db: connection refused", ("source_unreachable", "the source")),
        ("events_db, include/sql/source_ready.sql: not complete", ("source_unreachable", "the source")),
        ("h:22, connecting: no connection within 60 s. Check", ("server_unreachable", "server h:22")),
        ("h:22, opening SFTP: the server broke off.", ("server_unreachable", "server h:22")),
        ("h:22, logging in: the server refuses the login of user 'a'.", ("login_refused", "Connection sftp_a")),
        ("h:22, logging in: the server broke off.", ("server_unreachable", "server h:22")),
        ("h:22, exchanging keys: the server shows another host key (a)", ("host_key_changed", "server h:22")),
        (
            "h:22, exchanging keys: nobody has confirmed the server's host key (a)",
            ("host_key_changed", "server h:22"),
        ),
        (
            "a.csv: after 5 bytes only 3 are free on the staging area's disk, of",
            ("staging_full", "the staging area"),
        ),
        ("h:22, writing /in/a.csv: the disk is full.", None),
        ("acme: something else", None),
        (None, None),
    ],
)
def test_a_shared_cause_is_found_by_what_the_ledger_keeps(reason, shared):
    """What is one destination's own is none."""
    assert find_shared_cause(reason, "sftp_a") == shared
