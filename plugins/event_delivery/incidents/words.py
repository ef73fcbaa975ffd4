"""In which words is an operator told of an incident of each kind?"""

from __future__ import annotations

from typing import NamedTuple

from event_delivery.ledger.incidents import IncidentRecord
from event_delivery.plain_text import make_plain


class Words(NamedTuple):
    """What is wrong, with `{concerns}`, and what to do about it."""

    title: str
    advice: str


_AGAIN = "Then deliver the days again: the button on the Deliveries page, or clear their runs."
OPERATOR = {
    "retrying": Words(
        "{concerns}: a delivery keeps failing",
        "It is tried again by itself, with longer and longer waits. See what the cause names.",
    ),
    "late": Words(
        "{concerns}: not delivered in time",
        "It is still tried by itself. Mend what the cause names; tell the client when to expect the file.",
    ),
    "missing": Words(
        "{concerns}: days were never delivered",
        "Deliver them: the button on the Deliveries page, or python -m event_delivery.completeness missing. "
        "With missing_days: deliver in the destination's YAML that happens by itself.",
    ),
    "given_up": Words("{concerns}: a delivery was given up", f"Mend what the cause names. {_AGAIN}"),
    "not_begun": Words(
        "{concerns}: nothing has begun",
        "See whether the scheduler and the dag processor run, and whether the DAGs are there. Runs "
        "that wait, such "
        "as for the source, begin by themselves.",
    ),
    "unconfirmed": Words(
        "{concerns}: nobody can tell whether a file arrived",
        "Ask the client, then answer on the Deliveries page: a robot took it, or send it again.",
    ),
    "quarantined": Words(
        "{concerns} is quarantined and delivers nothing",
        "Correct the file as the cause says. The next parse takes it up, and its days are delivered.",
    ),
    "test_file_failed": Words(
        "{concerns}: the test file could not be delivered",
        "Mend what the cause names, with the client, then trigger the test file's DAG again.",
    ),
    "host_key_changed": Words(
        "{concerns} shows a host key that is not the known one",
        "Nothing is sent until a person confirms the key. Ask the client by telephone for its "
        "fingerprint; if it is "
        "right, confirm it: python -m event_delivery.host_keys.",
    ),
    "login_refused": Words(
        "{concerns}: the server refuses the login",
        "Ask the client for the right user and credentials, and correct the Connection. Many "
        "attempts may lock the "
        "account: give_up_early: true ends them.",
    ),
    "server_unreachable": Words(
        "{concerns} cannot be reached",
        "See whether it answers from the workers' network, and ask the client. What is due is tried again by "
        "itself.",
    ),
    "unusual_count": Words(
        "{concerns}: the number of events is out of line",
        "Ask whoever loads the source. A held file is sent when a person releases it: the cause says how.",
    ),
    "late_events": Words(
        "{concerns}: events came after their day's file was made",
        "Nothing is sent by itself with late_events: report. Deliver the day again, or send a supplement.",
    ),
    "would_fail": Words(
        "{concerns}: tonight's delivery would fail",
        "It is day: mend it now, or call the client. Whether that helped says python -m event_delivery.preflight.",
    ),
    "outgrows_limit": Words(
        "{concerns}: a file will soon take longer than an upload may",
        "Ask the client for a faster line, choose csv, or split the events, before it happens.",
    ),
    "source_unreachable": Words(
        "The source gives no answer, or refuses",
        f"See whether the database of the Connection events_db runs and lets us in. {_AGAIN}",
    ),
    "ledger_unreachable": Words(
        "The ledger gives no answer, or refuses",
        "Nothing is delivered without it. See whether the database of the Connection ledger_db (else events_db) "
        "runs and lets us in.",
    ),
    "dag_processor_silent": Words(
        "Airflow's dag processor gives no sign of life",
        "Start it. The nights go on as they are; no edit of a destination takes effect, and no new one begins.",
    ),
    "staging_full": Words(
        "The staging area's disk is nearly full",
        "Free some space, or set EVENT_DELIVERY_STAGING to a larger disk; "
        "EVENT_DELIVERY_STAGING_DAYS and keep_days "
        "say how long files stay.",
    ),
}
CLIENT = {
    "late": Words(
        "Your file is late",
        "We keep trying by ourselves, and you need do nothing. The whole file comes as soon as it can.",
    ),
    "missing": Words("A file is missing", "We are looking into it, and will deliver the whole file."),
    "given_up": Words(
        "A file could not be delivered",
        "We are looking into it, and will deliver the whole file. Nothing is lost.",
    ),
    "test_file_failed": Words(
        "The test file could not be delivered",
        "We will get in touch with you. If you have just changed your server, please tell us.",
    ),
    "host_key_changed": Words(
        "Your SFTP server shows another host key",
        "For safety nothing is sent until we know that the new key is yours. If you have changed "
        "it, please tell us "
        "its fingerprint. What is due meanwhile comes afterwards, whole.",
    ),
    "login_refused": Words(
        "Your SFTP server does not accept our login",
        "Please see whether our user is still allowed to log in there, or send us new credentials "
        "by the way we have "
        "agreed on, not by mail. What is due meanwhile comes afterwards, whole.",
    ),
    "server_unreachable": Words(
        "Your SFTP server does not answer",
        "Please see whether it runs, and lets our addresses in. We keep trying; what is due comes as soon as the "
        "server answers, whole.",
    ),
}


def describe(incident: IncidentRecord) -> Words:
    """Return what is wrong, with what it concerns, and what to do; of a kind that is no more, its name."""
    title, advice = OPERATOR.get(incident.kind) or Words(f"{{concerns}}: {incident.kind}", "")
    concerns = incident.concerns[:1].upper() + incident.concerns[1:]
    return Words(make_plain(title.format(concerns=concerns), 200), advice)
