"""Which host keys has a client's server shown, and is one of them right?

Nothing is offered to a key that nobody knows. `list` shows what the server of a Connection has shown, `confirm`
lets one of these keys count from now on: it becomes the Connection's host_key, in Airflow's database. `forget`
lets one that the ledger trusts count no more.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from datetime import UTC

from event_delivery.command_line import answer


def main(arguments: list[str] | None = None) -> int:
    """Do what is asked for, and print what was done; returns the exit status."""
    options = _parse(arguments)
    return answer(lambda: _obey(options))


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        "python -m event_delivery.host_keys", description=__doc__, formatter_class=form
    )
    commands = parser.add_subparsers(dest="command", required=True)
    shown = commands.add_parser("list", help="show the keys that the server of a Connection has shown")
    confirm = commands.add_parser("confirm", help="let a key count that the server has shown")
    forget = commands.add_parser("forget", help="let a key that the ledger trusts count no more")
    for command in (shown, confirm, forget):
        command.add_argument("connection", help="id of the Airflow Connection, such as sftp_acme")
    for command in (confirm, forget):
        command.add_argument("fingerprint", help="SHA256:..., as the client names it")
    return parser.parse_args(arguments)


def _obey(options: argparse.Namespace) -> str:
    from airflow.utils.session import create_session

    from event_delivery.host_keys.confirmation import confirm_host_key
    from event_delivery.ledger import open_ledger_reading

    if options.command == "list":
        return _list(options.connection)
    if options.command == "forget":
        return _forget(options.connection, options.fingerprint)
    with create_session() as session, open_ledger_reading() as ledger:
        done = confirm_host_key(session, ledger, options.connection, options.fingerprint, getpass.getuser())
    return f"{done.server} is known by {done.fingerprint} from now on."


def _forget(connection_id: str, wanted: str) -> str:
    from event_delivery.host_keys.confirmation import find_shown, list_host_keys, name_key_owner
    from event_delivery.ledger import LedgerReading, open_ledger
    from event_delivery.ledger.servers import forget_host_key
    from event_delivery.upload.recipient import read_connection

    connection = read_connection(connection_id)
    with open_ledger() as ledger:
        key = find_shown(list_host_keys(LedgerReading(ledger), connection), connection, wanted)
        forget_host_key(ledger, name_key_owner(connection), key)
    return f"{wanted} is forgotten. A host_key in the Connection or the destination's YAML counts as it did."


def _list(connection_id: str) -> str:
    from event_delivery.host_keys.confirmation import list_host_keys
    from event_delivery.ledger import open_ledger_reading
    from event_delivery.sftp.host_key import fingerprint
    from event_delivery.upload.recipient import read_connection

    with open_ledger_reading() as ledger:
        shown = list_host_keys(ledger, read_connection(connection_id))
    lines = (
        f"{fingerprint(key.public_key)}  {key.state}, last seen {key.last_seen_at.astimezone(UTC):%Y-%m-%d %H:%M}Z"
        for key in shown
    )
    return "\n".join(lines) or "Its server has shown no host key yet."


if __name__ == "__main__":
    sys.exit(main())
