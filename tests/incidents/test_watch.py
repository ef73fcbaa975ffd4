"""Is each kind of trouble that the ledger shows told once by mail, and once more when it is over?"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from event_delivery.incidents.alerts import alerts_file
from event_delivery.incidents.history import open_incidents, recent_incidents
from event_delivery.ledger.incident_answers import acknowledge_incident, snooze_incident
from event_delivery.ledger.preflights import Finding, Preflight, record_preflight
from event_delivery.schedule import LocalDay
from tests import PROJECT

ZONE = "America/New_York"
DAY = date(2026, 3, 10)  # the latest
DISK = "sftp.acme.example:22, writing the file: the disk is full. Ask the client to make room."
AWAY = "sftp.acme.example:22, connecting: Connection refused. Check host and port."
KEY = "sftp.acme.example:22, exchanging keys: the server shows another host key (SHA256:x) than the known one (y)."
LOGIN = "sftp.acme.example:22, logging in: the server refuses the login of user 'acme' (offered: password)."
SOURCE = "events_db: connection refused"


def local(days_before: int = 0) -> LocalDay:
    return LocalDay(DAY - timedelta(days_before), ZONE)


def write_all(night, last_days=14, **values):
    """Deliver acme's nights up to the one before the latest."""
    for days in range(last_days, 0, -1):
        night(local(days), **values)


def fail(ledger, night, reason, tries=1, days_before=0, minutes_ago=5, permanent=False, now=None, **values):
    """Have a night fail, last so many minutes ago."""
    night(local(days_before), "failed", last_error=reason, permanent=permanent, **values)
    destination, start = values.get("destination", "acme"), local(days_before).start
    key = [destination, start]
    [number, run] = ledger.execute(
        "select id, run_id from event_delivery.delivery_record where (destination, interval_start) = (%s, %s)", key
    ).fetchone()
    for attempt in range(2, tries + 1):
        statement = (
            "insert into event_delivery.delivery_attempt (delivery_id, attempt, run_id) values (%s, %s, %s)"
        )
        ledger.execute(statement, [number, attempt, run])
    at = [now - timedelta(minutes=minutes_ago), number]
    ledger.execute("update event_delivery.delivery_attempt set started_at = %s where delivery_id = %s", at)
    ledger.execute("update event_delivery.delivery_record set failed_at = %s where id = %s", at)


def deliver(ledger, destination="acme", days_before=0):
    """Have a night come through in the end."""
    ledger.execute(
        "update event_delivery.delivery_record set state = 'delivered', delivered_at = now(), last_error = null "
        "where (destination, interval_start) = (%s, %s)",
        [destination, local(days_before).start],
    )


@pytest.mark.parametrize(
    "reason, tries, more, title",
    [
        (DISK, 6, {"minutes_ago": 5}, "not delivered in time"),
        (DISK, 11, {}, "a delivery was given up"),
        (DISK, 2, {"minutes_ago": 200}, "a delivery was given up"),
        (AWAY, 4, {}, "Server sftp.acme.example:22 cannot be reached"),
        (KEY, 1, {"permanent": True}, "Server sftp.acme.example:22 shows a host key that is not the known one"),
        (LOGIN, 1, {"permanent": True}, "Connection sftp_acme: the server refuses the login"),
        (SOURCE, 1, {}, "The source gives no answer, or refuses"),
    ],
)
def test_a_night_in_trouble_is_told_once_and_once_more_when_it_is_delivered(
    watching, ledger, night, reason, tries, more, title
):
    """By its cause, with what to do, and nothing in between."""
    write_all(night)
    fail(ledger, night, reason, tries, now=watching.now, **more)
    assert watching.look() == []
    assert watching.look(minutes=10) == []
    [subject] = watching.subjects()
    assert title in subject
    [mail] = watching.mail.mails
    assert reason.split(":")[-1].split(".")[0][:40] in " ".join(mail.text.split())
    assert "acme: 2026-03-10" in mail.text
    assert "What to do: " in mail.text
    deliver(ledger)
    assert watching.look(minutes=20) == []
    assert watching.look(minutes=10) == []
    assert [text.startswith("[over] ") for text in watching.subjects()] == [False, True]
    assert open_incidents() == []


def test_a_night_that_is_tried_again_is_worth_a_word_after_some_attempts(watching, ledger, night):
    """Before it is late; a few failures pass by themselves."""
    watching.write(deliver_by="18:00")
    write_all(night)
    fail(ledger, night, DISK, 5, now=watching.now)
    assert watching.look() == []
    assert watching.subjects() == []
    ledger.execute("insert into event_delivery.delivery_attempt (delivery_id, attempt, run_id) "
                   "select id, 6, run_id from event_delivery.delivery_record where state = 'failed'")  # fmt: skip
    assert watching.look() == []
    assert watching.subjects() == ["[warning] Destination acme: a delivery keeps failing"]


def test_what_gets_worse_is_the_same_incident_and_told_to_whom_it_was_not(watching, ledger, night, tmp_path):
    """From retrying over late to given up: operators hear it once, the pager when it is grave."""
    grave = "  - {severity: error, send_to: [pager]}\n"
    pager = alerts_file().read_text().replace("  clients:", "  pager:", 1)
    pager = pager.replace('"{{ alert.to }}"', "pager@example.org").replace("contact_sender: clients\n", "")
    alerts_file().write_text(pager + grave)
    watching.write(deliver_by="13:00")
    write_all(night)
    fail(ledger, night, DISK, 7, now=watching.now)
    assert watching.look() == []
    assert (len(watching.subjects()), watching.subjects("pager@example.org")) == (1, [])
    assert watching.look(minutes=61) == []
    assert watching.look(hours=5) == []
    assert [each.incident.kind for each in open_incidents()] == ["given_up"]
    assert len(watching.subjects()) == 1
    assert watching.subjects("pager@example.org") == ["[error] Destination acme: not delivered in time"]
    deliver(ledger)
    watching.look(hours=1)
    assert (len(watching.subjects()), len(watching.subjects("pager@example.org"))) == (2, 2)


def test_a_dead_source_is_one_message_for_five_hundred_destinations(watching, ledger, night):
    """And one when it is back and everything is delivered."""
    for number in range(500):
        watching.write(f"client_{number:03}")
        night(local(1), destination=f"client_{number:03}")
        fail(ledger, night, SOURCE, 1, destination=f"client_{number:03}", now=watching.now)
    (watching.folder / "acme.yaml").unlink()
    watching.source = SOURCE
    assert watching.look() == []
    assert watching.look(minutes=10) == []
    assert watching.subjects() == ["[error] The source gives no answer, or refuses (500 destinations)"]
    assert "and 480 more" in watching.mail.mails[0].text
    watching.source = None
    assert watching.look(minutes=10) == []
    ledger.execute("update event_delivery.delivery_record set state = 'delivered', delivered_at = now()")
    watching.look(minutes=20)
    assert len(watching.subjects()) == 2


def test_a_dead_server_is_one_message_for_all_that_deliver_to_it(watching, ledger, night):
    """Another server that is dead is another one."""
    for name, reason in (("acme", AWAY), ("birch", AWAY), ("cedar", AWAY.replace("acme", "cedar"))):
        watching.write(name)
        night(local(1), destination=name)
        fail(ledger, night, reason, 4, destination=name, now=watching.now)
    watching.look()
    assert sorted(watching.subjects()) == [
        "[error] Server sftp.acme.example:22 cannot be reached (2 destinations)",
        "[error] Server sftp.cedar.example:22 cannot be reached",
    ]


def test_missing_days_of_a_destination_are_one_incident(watching, night):
    """Days that were never tried; delivered, they are over."""
    for days in (9, 8, 4, 1, 0):
        night(local(days))
    watching.look()
    assert watching.subjects() == ["[error] Destination acme, older days: days were never delivered"]
    assert "2026-03-03, 2026-03-04, 2026-03-05, 2026-03-07, 2026-03-08" in " ".join(
        watching.mail.mails[0].text.split()
    )
    for days in (7, 6, 5, 3, 2):
        night(local(days))
    watching.look(minutes=10)
    assert len(watching.subjects()) == 2


def test_nights_that_nobody_has_begun_are_one_incident_unless_they_are_paused(watching, night):
    """All that lack a date are told of together, once they are late."""
    for name in ("acme", "birch", "cedar"):
        watching.write(name, deliver_by="11:00")
        night(local(1), destination=name)
    watching.paused = {"cedar"}
    watching.now -= timedelta(hours=2)
    watching.look()
    assert watching.subjects() == []
    watching.look(hours=2)
    assert watching.subjects() == ["[error] Night of 2026-03-10: nothing has begun (2 destinations)"]


def test_an_outage_of_airflow_stays_one_incident_however_long_it_lasts(watching, night):
    """What no destination has begun does not fall apart into one message for each of them."""
    for number in range(8):
        watching.write(f"client_{number}")
        night(local(1), destination=f"client_{number}")
    (watching.folder / "acme.yaml").unlink()
    for _ in range(9):
        watching.look(hours=10)
    told = [text for text in watching.subjects() if "2026-03-10" in text or "never" in text]
    assert told == ["[error] Night of 2026-03-10: nothing has begun (8 destinations)"]


def test_a_destination_that_lacks_night_after_night_is_one_incident(watching, night):
    """At first it may be the night's; then it is the destination's too, with all its days."""
    night(local(1))
    for _ in range(8):
        watching.look(hours=24)
    opened = [text for text in watching.subjects() if text.startswith("[error]")]
    assert opened == [
        "[error] Night of 2026-03-10: nothing has begun",
        "[error] Night of 2026-03-11: nothing has begun",
        "[error] Destination acme: days were never delivered",
    ]
    assert not [text for text in watching.subjects() if text.startswith("[over]")]
    [incident] = [each.incident for each in open_incidents() if each.incident.kind == "missing"]
    assert len(incident.hits[0].days) == 9


def test_a_destination_without_a_first_night_lacks_nothing(watching):
    """It was written today, or never unpaused."""
    watching.look()
    assert watching.subjects() == []


def test_a_quarantined_destination_is_told_by_name_and_a_wrong_default_once(watching):
    """Mended, it is over."""
    watching.write("birch", timezone="Mars")
    watching.look()
    assert watching.subjects() == ["[error] Destination birch is quarantined and delivers nothing"]
    assert "field 'timezone': found 'Mars'" in watching.mail.mails[0].text
    watching.write("birch")
    (watching.folder / "_defaults.yaml").write_text("format: xml")
    watching.look(minutes=10)
    watching.look(minutes=10)
    assert watching.subjects()[1:] == [
        "[error] File _defaults.yaml is quarantined and delivers nothing (2 destinations)",
        "[over] Destination birch is quarantined and delivers nothing",
    ]


def test_the_latest_test_file_that_failed_is_told(watching, ledger, night):
    """An older one that failed is not."""
    fail(ledger, night, DISK, 1, 3, permanent=True, now=watching.now, kind="test")
    watching.look()
    assert watching.subjects() == ["[warning] Destination acme: the test file could not be delivered"]
    night(local(2), kind="test")
    watching.look(minutes=10)
    assert len(watching.subjects()) == 2


def test_counts_out_of_line_held_and_unconfirmed_nights_are_told(watching, ledger, night):
    """Until the next night is in line, or a person has decided."""
    watching.write("birch")
    night(local(1), destination="birch")
    night(
        local(), "failed", destination="birch", last_error="birch, courseCompletion: Held: unusual_count is hold."
    )
    ledger.execute("update event_delivery.delivery_record set state = 'held' where state = 'failed'")
    write_all(night, 3)
    ledger.execute("update event_delivery.delivery_record set unusual = 'no events' where destination = 'acme'")
    night(local(), "unconfirmed", last_error="Nobody can tell.")
    watching.look()
    assert sorted(watching.subjects()) == [
        "[error] Destination acme: nobody can tell whether a file arrived",
        "[warning] Destination acme: the number of events is out of line",
        "[warning] Destination birch: the number of events is out of line",
    ]
    deliver(ledger, "birch")
    deliver(ledger)
    watching.look(minutes=10)
    assert len(watching.subjects()) == 6
    assert open_incidents() == []


def test_events_that_came_late_and_are_only_reported_are_told(watching, ledger, night):
    """Those that are brought by themselves are not."""
    write_all(night, 5)
    night(local())
    statement = """
        insert into event_delivery.comparison (
          destination, event, interval_start, interval_end, compared_at, found_at, rows, id_digest, late, deleted,
          differs, handling, delivered_until
        )
        values ('acme', 'courseCompletion', %s, %s, now(), now(), 5, '0', 2, 0, true, %s, now())
    """
    for days, handling in ((1, "reported"), (2, "supplement 1")):
        ledger.execute(statement, [local(days).start, local(days).end, handling])
    watching.look()
    assert watching.subjects() == ["[info] Destination acme: events came after their day's file was made"]
    assert "2026-03-09: 2 events came late; reported." in " ".join(watching.mail.mails[0].text.split())


def test_a_disk_that_is_nearly_full_is_told(watching):
    """It is over when it was not so for a while."""
    watching.shortage = "1 byte is free."
    watching.look()
    watching.shortage = None
    watching.look(minutes=10)
    assert watching.subjects() == ["[error] The staging area's disk is nearly full"]
    watching.look(minutes=10)
    assert len(watching.subjects()) == 2


def test_a_dag_processor_that_is_silent_is_told_once_at_each_end(watching):
    """While nobody can be asked, it is neither begun nor over, and the watch is well."""
    watching.silence = None
    assert watching.look() == []
    watching.silence = "Airflow's dag processor was last seen at 2026-03-11 15:50 UTC."
    watching.look(minutes=10)
    assert watching.subjects() == ["[warning] Airflow's dag processor gives no sign of life"]
    for silence in (None, None, ""):
        watching.silence = silence
        assert watching.look(minutes=20) == []
        assert len(watching.subjects()) == (2 if silence == "" else 1)


def test_a_client_is_told_of_its_own_days_in_its_own_time_without_internals(watching, ledger, night):
    """Neither the cause, nor other clients; and once more when it is over."""
    watching.write("acme", contact="it@acme.example", timezone=ZONE, client="Acme & Söhne")
    watching.write("birch")
    for name in ("acme", "birch"):
        night(local(1), destination=name)
        fail(ledger, night, AWAY, 4, destination=name, now=watching.now)
    watching.look()
    [mail] = [mail for mail in watching.mail.mails if mail.to == "it@acme.example"]
    assert mail.subject == "Your SFTP server does not answer"
    assert "To Acme & Söhne" in mail.text
    assert "2026-03-11 12:00 (America/New_York)" in " ".join(mail.text.split())
    assert not [word for word in ("birch", "refused", "airflow", "Connection") if word in mail.text]
    deliver(ledger)
    deliver(ledger, "birch")
    watching.look(minutes=30)
    assert watching.subjects("it@acme.example") == [
        "Your SFTP server does not answer",
        "Over: Your SFTP server does not answer",
    ]


def test_a_mail_server_that_refuses_makes_the_watch_say_so_and_is_tried_again(watching, ledger):
    """The sentence holds nothing of what the server said; the message comes once, when it can."""
    watching.write("birch", timezone="Mars")
    watching.mail.refuses = True
    [trouble] = watching.look()
    assert trouble.startswith("operators: Unexpected SMTP")
    assert "hunter2" not in trouble
    [[message]] = [each.messages for each in open_incidents()]
    assert (message.state, message.tries) == ("to be sent", 1)
    watching.mail.refuses = False
    assert watching.look(minutes=10) == []
    assert watching.look(minutes=10) == []
    assert len(watching.subjects()) == 1


def test_wrong_rules_are_told_and_what_began_meanwhile_is_sent_when_they_are_right(watching):
    """Incidents are kept all the same; no value of the file is shown."""
    right = alerts_file().read_text()
    alerts_file().write_text(right.replace("send_to: [operators]", "whom: hunter2\n    send_to: [hunter2]"))
    watching.write("birch", timezone="Mars")
    [trouble] = watching.look()
    assert trouble.startswith("alerts.yaml: field 'rules.0.whom': ")
    assert len(open_incidents()) == 1
    alerts_file().write_text(right)
    assert watching.look(minutes=10) == []
    assert len(watching.subjects()) == 1


def test_what_begins_at_night_is_told_in_the_morning_by_a_rule_with_hours(watching):
    """Held until the hours begin; what is over by then is told with its end."""
    alerts_file().write_text(alerts_file().read_text() + '    hours: "13:00-19:00"\n')
    watching.write("birch", timezone="Mars")
    watching.look()
    watching.write("birch")
    watching.look(minutes=10)
    assert watching.subjects() == []
    watching.look(minutes=50)
    assert [subject.split("]")[0] for subject in watching.subjects()] == ["[error", "[over"]


def test_a_snoozed_incident_tells_nobody_more_until_it_is_over(watching, ledger):
    """What was to be told then waits; who knows of it hears of its end at once, as does who waited."""
    alerts_file().write_text(alerts_file().read_text() + '    hours: "13:00-19:00"\n')
    watching.write("birch", timezone="Mars")
    watching.look()
    [incident] = [told.incident for told in open_incidents()]
    snooze_incident(ledger, incident.id, watching.now + timedelta(hours=6), "Known.")
    watching.look(hours=2)
    assert watching.subjects() == []
    watching.write("birch")
    watching.look(minutes=10)
    assert [subject.split("]")[0] for subject in watching.subjects()] == ["[error", "[over"]


def test_an_incident_that_was_told_and_snoozed_is_over_with_a_word(watching, ledger):
    """Before its snooze runs out."""
    watching.write("birch", timezone="Mars")
    watching.look()
    [incident] = [told.incident for told in open_incidents()]
    acknowledge_incident(ledger, incident.id, "vera", watching.now)
    snooze_incident(ledger, incident.id, watching.now + timedelta(hours=6), "Known.")
    watching.look(minutes=10)
    watching.write("birch")
    watching.look(minutes=10)
    assert [subject.split("]")[0] for subject in watching.subjects()] == ["[error", "[over"]


def test_a_rule_may_leave_what_begins_outside_its_hours_to_another(watching):
    """It does not count then."""
    alerts_file().write_text(alerts_file().read_text() + '    hours: "13:00-19:00"\n    outside: skip\n')
    watching.write("birch", timezone="Mars")
    watching.look()
    watching.look(hours=3)
    assert watching.subjects() == []


def test_without_rules_incidents_are_kept_and_nobody_is_told(watching):
    """As it ships."""
    alerts_file().write_text((PROJECT / "include/alerts.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    watching.write("birch", timezone="Mars")
    assert watching.look() == []
    [kept] = open_incidents()
    assert (kept.incident.concerns, kept.messages) == ("destination birch", ())


def test_a_ledger_that_is_away_is_told_once_and_once_more_when_it_is_back(watching, monkeypatch, ledger):
    """Also over restarts: the watch keeps whom it told where another process finds it."""
    watching.look()
    with monkeypatch.context() as patched:
        patched.setenv("AIRFLOW_CONN_LEDGER_DB", "postgresql://nobody@127.0.0.1:1/nowhere")
        assert watching.look(minutes=10)
        assert watching.look(minutes=10)
        assert watching.subjects() == ["[error] The ledger gives no answer, or refuses"]
    assert watching.look(minutes=10) == []
    assert watching.look(minutes=10) == []
    assert watching.subjects() == [
        "[error] The ledger gives no answer, or refuses",
        "[over] The ledger gives no answer, or refuses",
    ]
    assert watching.kept == {}
    [closed] = recent_incidents(watching.now - timedelta(days=1))
    assert closed.incident.opened_at < closed.incident.closed_at


def test_an_outage_of_the_ledger_is_told_to_whom_it_could_not_be_told_before(watching, monkeypatch):
    """The mail server was away too."""
    monkeypatch.setenv("AIRFLOW_CONN_LEDGER_DB", "postgresql://nobody@127.0.0.1:1/nowhere")
    watching.mail.refuses = True
    assert len(watching.look()) == 2
    watching.mail.refuses = False
    assert len(watching.look(minutes=10)) == 1
    assert len(watching.subjects()) == 1


def test_another_instance_s_ledger_tells_nobody(watching, ledger):
    """A copy that was restored elsewhere sends no mail."""
    watching.write("birch", timezone="Mars")
    values = "values (1, 'another', false, null, 1)"
    columns = "(id, name, rehearsal, system_identifier, database_oid)"
    ledger.execute(f"insert into event_delivery.instance {columns} {values}")
    from event_delivery.errors import PermanentError

    with pytest.raises(PermanentError, match="copy"):
        watching.look()
    assert watching.mail.mails == []


def test_a_rehearsal_tells_no_client(watching, ledger, night, monkeypatch):
    """Its operators are told."""
    monkeypatch.setenv("EVENT_DELIVERY_REHEARSAL", "sftp_own")
    watching.write("acme", contact="it@acme.example")
    write_all(night)
    fail(ledger, night, DISK, 11, now=watching.now)
    watching.look()
    assert [mail.to for mail in watching.mail.mails] == ["ops@example.org"]


def test_a_disabled_destination_and_an_event_type_that_is_gone_are_not_looked_at(watching, ledger, night):
    """What nobody wants any more is no trouble."""
    write_all(night)
    fail(ledger, night, DISK, 11, now=watching.now)
    fail(ledger, night, DISK, 11, 1, now=watching.now, event="gone")
    watching.write(enabled=False)
    assert watching.look() == []
    watching.write()
    deliver(ledger)
    assert watching.look(minutes=10) == []
    assert watching.subjects() == []


def test_a_file_that_will_outgrow_its_line_is_told_weeks_before(watching, ledger, night):
    """By the ledger's own sizes and rates, with the day from which on it does not fit."""
    write_all(night, last_days=60)
    night(local())
    age = "extract(day from timestamptz '2026-03-10 12:00Z' - recorded.interval_start)::int / 7"
    ledger.execute(
        f"update event_delivery.delivery_file as file set bytes = 1e9 / 1.06 ^ ({age}) "
        "from event_delivery.delivery_record as recorded where file.delivery_id = recorded.id"
    )
    ledger.execute(
        "update event_delivery.delivery_record as recorded set seconds = file.bytes / 5e6 "
        "from event_delivery.delivery_file as file where file.delivery_id = recorded.id"
    )
    assert watching.look() == []
    assert watching.look(minutes=10) == []
    [subject] = watching.subjects()
    assert subject.startswith("[warning] Destination acme: ")
    text = " ".join(watching.mail.mails[0].text.split())
    assert "grows 6.0% a week: from about 2026-04-" in text


def foresee(ledger, looked_at, *found):
    """Have a preflight find, of destinations (None: of all), what is told."""
    findings = [Finding(name, kind, told, "Call the client.") for name, kind, told in found]
    record_preflight(ledger, Preflight(looked_at, 3, tuple(findings)))


def test_what_would_fail_tonight_is_told_by_day_once_for_each_server(watching, ledger, night):
    """And once more when the next look does not find it; a destination's file is told as quarantined already."""
    for name in ("acme", "birch", "cedar"):
        watching.write(name)
        for days in range(14, -1, -1):
            night(local(days), destination=name)
    away = [(name, "server", f"{name}: {AWAY}") for name in ("acme", "birch", "cedar")]
    foresee(ledger, watching.now, *away, ("acme", "destination", "acme: field 'format'"))
    assert watching.look() == []
    assert watching.look(minutes=10) == []
    one = "Server sftp.acme.example:22: tonight's delivery would fail (3 destinations)"
    assert watching.subjects() == [f"[warning] {one}"]
    assert "birch" in watching.mail.mails[0].text
    foresee(ledger, watching.now, ("birch", "connection", "birch: Connection 'sftp_birch' is not there."))
    assert watching.look(minutes=10) == []
    assert sorted(watching.subjects()[1:]) == [
        f"[over] {one}",
        "[warning] Destination birch: tonight's delivery would fail",
    ]


def test_a_look_that_none_followed_is_not_believed_for_ever(watching, ledger, night):
    """Whoever pauses the preflight is not warned of what was mended long ago."""
    write_all(night)
    night(local())
    foresee(ledger, watching.now, (None, "source", "courseCompletion: the statement fails."))
    assert watching.look() == []
    assert [subject[:9] for subject in watching.subjects()] == ["[warning]"]
    ledger.execute("update event_delivery.preflight set looked_at = looked_at - interval '27 hours'")
    assert watching.look(minutes=10) == []
    assert [subject[:6] for subject in watching.subjects()][1:] == ["[over]"]
