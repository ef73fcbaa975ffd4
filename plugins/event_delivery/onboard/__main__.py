"""Take a client on board: from the URL that it sent to a destination that is proven.

The URL (sftp://user:password@host:port/path) is read from standard input, at a terminal without showing it. Its
mistakes are told by place, never the secret. Then the server is reached, its host key confirmed (--host-key
SHA256:... as the client named it, or a question), and in its folder a file is written, renamed and removed. The
Connection, with the host key, and include/destinations/<id>.yaml are written, the test file sent and waited for.
What fails ends with the client's next e-mail. Run it again: it carries on, and recognises what is there.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable

from event_delivery.command_line import answer
from event_delivery.errors import PermanentError

_FIELDS = ("client", "company_id", "timezone", "deliver_at", "format", "path", "connection")
_REQUIRED = ("client", "company_id")


def main(arguments: list[str] | None = None) -> int:
    """Take the steps, and print a line of each; returns the exit status, 1 where one failed."""
    options = _parse(arguments)
    return answer(lambda: _board(options))


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("python -m event_delivery.onboard", description=__doc__, formatter_class=form)
    parser.add_argument("destination", help="id of the destination, such as acme")
    for field in _FIELDS:
        parser.add_argument(f"--{field.replace('_', '-')}", help="the field of the YAML; left out: the default's")
    keys = parser.add_mutually_exclusive_group()
    keys.add_argument("--host-key", metavar="SHA256:...", help="the fingerprint that the client named")
    keys.add_argument(
        "--accept-host-key",
        action="store_true",
        help="take the key that the server shows now, unconfirmed: only where the client cannot name it",
    )
    parser.add_argument("--replace", action="store_true", help="put the Connection in the place of another")
    parser.add_argument("--print", action="store_true", help="store nothing: print the commands that would")
    parser.add_argument("--no-test-file", action="store_true", help="do not send the test file now")
    parser.add_argument("--nights", action="store_true", help="once it is proven, unpause the nightly DAG, too")
    parser.add_argument("--wait", type=float, default=300, metavar="SECONDS", help="for the test file (300)")
    return parser.parse_args(arguments)


def _board(options: argparse.Namespace) -> str:
    from airflow.utils.session import create_session

    from event_delivery.onboard.command import Command

    fields = _ask_fields(options)
    with create_session() as session:
        return Command(session, options, fields, _read_text, _confirm(options), getpass.getuser()).run()


def _ask_fields(options: argparse.Namespace) -> tuple[tuple[str, str], ...]:
    """Return the fields that were named; what is required and is not there yet is asked for at a terminal."""
    from event_delivery.onboard.yaml_file import find_file

    given = {field: getattr(options, field) for field in _FIELDS if getattr(options, field) is not None}
    for field in () if find_file(options.destination).exists() else _REQUIRED:
        if field not in given:
            if not sys.stdin.isatty():
                raise PermanentError(f"Wanted --{field.replace('_', '-')}: a new destination has it.")
            given[field] = input(f"{field}: ").strip()
    return tuple((field, given[field]) for field in _FIELDS if field in given)


def _read_text() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("The client's URL (not shown): ")
    return sys.stdin.read()


def _confirm(options: argparse.Namespace) -> Callable[[str], bool]:
    def confirm(fingerprint: str) -> bool:
        if options.accept_host_key or not sys.stdin.isatty():
            return bool(options.accept_host_key)
        print(f"  The server's host key is {fingerprint}.")  # noqa: T201
        return input("  Has the client named this fingerprint? (yes/no) ").strip().lower() == "yes"

    return confirm


if __name__ == "__main__":
    sys.exit(main())
