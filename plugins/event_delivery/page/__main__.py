"""Did every client get every night's file, and what is wrong? The same answers as the page's, for scripts."""

from __future__ import annotations

import argparse
import json
import os
import sys
from datetime import UTC, date, datetime

from event_delivery.command_line import read_day
from event_delivery.page.answers.incident_table import render_incidents
from event_delivery.page.answers.preflight_table import render_look
from event_delivery.page.answers.shapes.incident import Incidents
from event_delivery.page.answers.shapes.overview import Overview
from event_delivery.page.answers.shapes.preflight import PreflightAnswer
from event_delivery.page.answers.table import render_overview
from event_delivery.plain_text import escape_json, make_plain


def main(arguments: list[str] | None = None) -> int:
    """Print what is asked for; returns the exit status."""
    options = _parse(arguments)
    os.environ["_AIRFLOW_PROCESS_CONTEXT"] = "server"  # as Airflow's CLI: Connections of its database
    from event_delivery.errors import DeliveryError

    try:
        said = options.answer(options)
    except (DeliveryError, ValueError) as error:
        print(make_plain(str(error)), file=sys.stderr)  # noqa: T201
        return 1
    print(said)  # noqa: T201
    return 0


def _answer_overview(options: argparse.Namespace) -> str:
    overview = _keep_state(_read(options.first, options.last), options.state)
    return _render_json(overview) if options.json else render_overview(overview)


def _answer_incidents(options: argparse.Namespace) -> str:
    from event_delivery.destinations import read_destinations
    from event_delivery.page.answers.incidents import read_incidents

    known = {each.id for each in read_destinations()}
    asked = read_incidents(known, options.destination, options.closed_since, datetime.now(UTC))
    return _render_json(asked) if options.json else render_incidents(asked)


def _answer_preflight(options: argparse.Namespace) -> str:
    from event_delivery.destinations import read_destinations
    from event_delivery.page.answers.preflight import read_last_look

    look = read_last_look({each.id for each in read_destinations()}, datetime.now(UTC))
    return _render_json(look) if options.json else render_look(look)


def _render_json(answer: Overview | Incidents | PreflightAnswer) -> str:
    return escape_json(json.dumps(answer, ensure_ascii=False))


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    from event_delivery.page.answers.states import WORST_FIRST

    parser = argparse.ArgumentParser(prog="python -m event_delivery.page", description=__doc__)
    commands = parser.add_subparsers(required=True)
    overview = commands.add_parser("overview", help="every delivery's state")
    overview.set_defaults(answer=_answer_overview)
    overview.add_argument("--from", dest="first", type=_read_day, help="first day, YYYY-MM-DD")
    overview.add_argument("--to", dest="last", type=_read_day, help="last day; default: yesterday")
    overview.add_argument("--state", choices=WORST_FIRST, help="only deliveries in this state")
    incidents = commands.add_parser("incidents", help="what is wrong, since when, and who was told")
    incidents.set_defaults(answer=_answer_incidents)
    incidents.add_argument("--destination", help="only those that hit this one")
    incidents.add_argument(
        "--closed-since", type=_read_instant, help="also those over since: ISO 8601 with a zone"
    )
    preflight = commands.add_parser("preflight", help="what would fail tonight, as it was last looked over")
    preflight.set_defaults(answer=_answer_preflight)
    for command in (overview, incidents, preflight):
        command.add_argument("--json", action="store_true", help="as the page's API answers it")
    return parser.parse_args(arguments)


def _read_day(text: str) -> date:
    from event_delivery.page.http.parameters import FIRST_DAY, LAST_DAY

    if not FIRST_DAY <= (day := read_day(text)) <= LAST_DAY:
        raise argparse.ArgumentTypeError(f"found {text!r}, wanted a day from {FIRST_DAY} to {LAST_DAY}")
    return day


def _read_instant(text: str) -> datetime:
    if (instant := datetime.fromisoformat(text)).tzinfo is None:
        raise argparse.ArgumentTypeError(f"wanted a zone, such as in {text}Z")
    return instant


def _read(first: date | None, last: date | None) -> Overview:
    from event_delivery.destinations import read_destinations
    from event_delivery.page.answers.days import choose_range
    from event_delivery.page.answers.overview import read_overview
    from event_delivery.page.sources.metadata import open_metadata

    destinations, now = read_destinations(), datetime.now(UTC)
    first, last = choose_range(destinations, first, last, now)
    with open_metadata() as session:
        return read_overview(session, destinations, first, last, now)


def _keep_state(overview: Overview, state: str | None) -> Overview:
    """Keep the deliveries in one state, and the destinations that have any or are in it themselves."""
    if state is None:
        return overview
    kept = overview.copy()
    kept["destinations"] = []
    for row in overview["destinations"]:
        cells = [cell for cell in row["cells"] if cell["state"] == state]
        if cells or row["worst"] == state:
            kept["destinations"].append({**row, "cells": cells})
    return kept


if __name__ == "__main__":
    sys.exit(main())
