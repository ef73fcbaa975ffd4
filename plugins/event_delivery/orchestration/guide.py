"""What does a data engineer read on a DAG's page?"""

from __future__ import annotations

from collections.abc import Sequence

from event_delivery.destinations import Destination, QuarantinedDestination
from event_delivery.orchestration.markdown import show_block, show_code, show_text
from event_delivery.orchestration.names import dag_id_of_test_file, nightly_dag_id


def describe_nightly(destination: Destination) -> str:
    """Return the nightly DAG's documentation, in Markdown."""
    dag_id = nightly_dag_id(destination.id)
    return f"""
### {show_text(destination.client)}: yesterday's events, every night

At **{destination.deliver_at:%H:%M} {show_code(destination.timezone)}{destination.schedule.spread}** this DAG hands
all events ({", ".join(map(show_text, destination.events))}) of the previous local calendar day, as one
{destination.format.upper()} file for each event type, to the server of Connection
{show_code(destination.connection)}.

`extract` reads the day from Postgres and checks it, `format` writes the file, `upload` sends it: under a temporary
name first, then renamed. A failed upload is tried again ten times over about 3.5 hours. The file of a day
always has the same name, so running a day again makes no second file, unless `format` was changed.

| to do | how |
|---|---|
| deliver a day again | clear its run, or trigger this DAG with `day` set |
| the same from the command line | `airflow dags trigger {dag_id} --conf '{{"day": "2026-01-31"}}'` |
| send a day byte for byte as it was delivered | the same with `exact` set, in `--conf` `"exact": true` |
| deliver missed days | `airflow backfill create --dag-id {dag_id} --from-date 2026-01-01 --to-date 2026-01-31` |
| prove that the server works | trigger `{dag_id_of_test_file(destination.id)}` |
| see why a delivery failed | the task's log, or `last_error` in `event_delivery.delivery` |

"""


def describe_test_file(destination: Destination) -> str:
    """Return the test-file DAG's documentation, in Markdown."""
    return f"""
### {show_text(destination.client)}: test file

Sends one file with the documented sample event to the server of Connection
{show_code(destination.connection)}: once by itself when the destination is new and this DAG unpaused, and
whenever it is triggered. Same upload and same retries as every night.

"""


def describe_quarantined(quarantined: QuarantinedDestination) -> str:
    """Return the documentation of a quarantined destination's DAG, in Markdown."""
    return f"""
### Quarantined: nothing is delivered

{show_block(quarantined.message)}

Mend the file: at the next parse this DAG becomes the real one and delivers the latest day that is due. Days missed
before that come by `catchup`, by *Deliver what is missing* on the Deliveries page, which names them, or by
`airflow backfill create`.

"""


def describe_quarantine(quarantined: Sequence[QuarantinedDestination]) -> str:
    """Return the documentation of the DAG that names every quarantined destination, in Markdown."""
    ids = ", ".join(show_code(each.id) for each in quarantined)
    return f"""
### Quarantined destinations

Nothing is delivered to {ids}: their files are wrong. This DAG fails each night and says why, until the last of
them is mended; then it is gone.

"""


def describe_maintenance() -> str:
    """Return the documentation of the DAG that clears away, in Markdown."""
    return """
### Maintenance

Clears away, each day, what nobody needs any more, also while every destination's DAG is paused. Leave this DAG
unpaused: it keeps the promise of how long personal data is kept. Its tasks do not depend on each other. The log of
`expire_staged` names every file before it is deleted, and those that tomorrow's run will delete.

| task | clears away | after |
|---|---|---|
| `expire_staged` | what is staged in the object store, or here | `EVENT_DELIVERY_STAGING_DAYS` untouched |
| | delivered files that are kept there | their `keep_days`, `EVENT_DELIVERY_KEEP_DAYS_MAX` at most |
| `purge_ledger` | profiles, errors and failed attempts in the ledger | `EVENT_DELIVERY_LEDGER_DAYS` untouched |
| | reports of reconciliations but the latest of each destination | `EVENT_DELIVERY_LEDGER_DAYS` |

"""


def describe_completeness() -> str:
    """Return the documentation of the DAG that compares with the source, in Markdown."""
    return """
### Completeness

Compares, after each night, what the client has of the last `late_window_days` with the source, by the ids of
events. What was found stands in the ledger (`event_delivery.comparison`) and in the log of `find_late_events`.
Leave this DAG unpaused: without it nobody notices an event that reached the source after its day's file was made.

| task | does |
|---|---|
| `find_late_events` | compares what was delivered since the last time, and each day the others |
| `deliver_late_events` | starts the runs that bring what is late, where `late_events` says so |
| `tell_uncompared` | fails, and names what could not be compared; the next hour tries again |
| `find_missing_days` | looks for days since the first night that were never delivered |
| `deliver_missing_days` | starts runs that deliver them, where `missing_days` says so or a person |
| `tell_unread` | fails, and names the destinations that could not be looked at |
| `tell_statistics` | tells Airflow's statistics how the last night stands, and the oldest undelivered day |

All missing days of a destination at once, `*` for all destinations:
`airflow dags trigger event_delivery_completeness --conf '{"deliver_missing": "acme"}'`. What is missing, and why a
day cannot be delivered by itself: `python -m event_delivery.completeness missing`.

"""


def describe_reconciliation() -> str:
    """Return the documentation of the DAG that reconciles a period, in Markdown."""
    return """
### Reconciliation

Did they get everything? Trigger this DAG with a destination and a period (local days, both included; empty:
yesterday): it compares the ids of the source with those that were delivered, and its log says, for each day and
event type that is not clean, how many events are missing, came twice or are not at the source. Green: every event
was delivered, once. How many delivered events were changed at the source since is told too, unless `ids_only` is
set, and makes no run red. The result holds the totals, the moment of the query and the report's checksum; the
whole report stands in the ledger, and on the Deliveries page in the destination's panel.

The same as text, JSON or CSV, with an exit status for scripts:
`python -m event_delivery.completeness reconcile <destination> --from 2026-01-01 --to 2026-01-31 --format csv`

"""


def describe_verification() -> str:
    """Return the documentation of the DAG that looks at delivered files again, in Markdown."""
    return """
### Verification

Looks once more, each hour, at the delivered files of destinations with `verify_after` that are that old: does each
still lie on the client's server under its name, as it was sent? `verify` fails once, and names what is gone or
changed, and a server that could not be looked at; what was seen stands in the ledger
(`event_delivery.verification`). Nothing is sent again by itself, and nothing is removed.

"""
