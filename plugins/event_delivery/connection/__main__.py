"""Add a Connection to Airflow, its secrets given by standard input: no argument, history or audit log has them.

A URL (sftp://user:password@host:port/path) or Airflow's JSON is read from standard input, at a terminal without
showing it. It is checked as an upload checks it, and stored as `airflow connections add` does.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path
from typing import Any

from event_delivery.command_line import answer


def main(arguments: list[str] | None = None) -> int:
    """Do what is asked for, and print what was done; returns the exit status."""
    options = _parse(arguments)
    return answer(lambda: _add(options))


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        "python -m event_delivery.connection", description=__doc__, formatter_class=form
    )
    add = parser.add_subparsers(dest="command", required=True).add_parser("add", help="read, check and store one")
    add.add_argument("connection", help="id of the Airflow Connection, such as sftp_acme")
    add.add_argument("--replace", action="store_true", help="put it in the place of one that is there")
    add.add_argument("--private-key", type=Path, metavar="FILE", help="log in with the key in this file, too")
    return parser.parse_args(arguments)


def _add(options: argparse.Namespace) -> str:
    from airflow.utils.session import create_session

    from event_delivery.connection.storing import store_connection

    connection = _read(options)
    with create_session() as session:
        done = store_connection(session, connection, getpass.getuser(), options.replace)
    return f"{'Replaced' if done.replaced else 'Added'} {done.connection_id}: {done.type} on {done.host}."


def _read(options: argparse.Namespace) -> Any:
    from event_delivery.connection.given import add_private_key, parse_connection

    connection = parse_connection(options.connection, _ask(f"URL or JSON of {options.connection} (not shown): "))
    if options.private_key:
        asked = sys.stdin.isatty()
        passphrase = getpass.getpass("Passphrase of the key (empty: none): ") if asked else ""
        add_private_key(connection, options.private_key, passphrase)
    return connection


def _ask(prompt: str) -> str:
    return getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.read()


if __name__ == "__main__":
    sys.exit(main())
