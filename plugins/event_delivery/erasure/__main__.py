"""Which kept and staged files hold a learner's id or e-mail, and who received them?

`find` names the files, and the clients that received them: destination, day, moment, remote path. `remove` deletes
these files, whole, after a question or with --yes. The text is best left out: it is then asked for, or read from
standard input (`< request.txt`), and stands in no list of processes. Remove the learner's events from the source
first, or a delivery that is made again brings them back. What the clients have is theirs to erase.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import TYPE_CHECKING

from event_delivery.command_line import answer
from event_delivery.errors import PermanentError

if TYPE_CHECKING:
    from event_delivery.erasure.search import Search

_CLOSING = (
    "Files that were delivered longer ago than their destination's keep_days are not kept here: on which days the "
    "learner had events, the source knows."
)


def main(arguments: list[str] | None = None) -> int:
    """Do what is asked for, and print what was found; returns the exit status, 1 where a file was not searched."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("python -m event_delivery.erasure", description=__doc__, formatter_class=form)
    commands = parser.add_subparsers(dest="command", required=True)
    find = commands.add_parser("find", help="name the files that hold it, and who received them")
    remove = commands.add_parser("remove", help="delete these files, whole")
    for command in (find, remove):
        command.add_argument("text", nargs="?", help="an id or an e-mail; best left out, and asked for then")
    remove.add_argument("--yes", action="store_true", help="do not ask before they are deleted")
    return answer(lambda: _obey(parser.parse_args(arguments)))


def _obey(options: argparse.Namespace) -> str:
    from event_delivery.erasure.search import search_files
    from event_delivery.erasure.sought_text import SoughtText

    search = search_files(SoughtText(options.text if options.text is not None else _ask_text()))
    print(_report(search))  # noqa: T201
    said = _remove(search, options.yes) if options.command == "remove" and search.found else ""
    if search.unread:
        raise PermanentError(f"Not everything could be searched: {'; '.join(search.unread)}")
    return said or _CLOSING


def _ask_text() -> str:
    return getpass.getpass("Id or e-mail (not shown): ") if sys.stdin.isatty() else sys.stdin.read()


def _report(search: Search) -> str:
    from event_delivery.erasure.recipients import describe_recipients
    from event_delivery.ledger.instance import read_instance

    files = [f"{found.path}/{name}" for found in search.found for name in found.names]
    lines = [f"{len(files):,} of {search.files:,} files hold it.", *files, *describe_recipients(search.found)]
    if files and read_instance().rehearsal:
        lines.append("This instance rehearses: these files went to a server of our own, and to no client.")
    return "\n".join(lines)


def _remove(search: Search, yes: bool) -> str:
    from event_delivery.erasure.removal import remove_found

    count = sum(len(found.names) for found in search.found)
    if not yes:
        _confirm(count)
    if left := remove_found(search):
        raise PermanentError(f"Not all of them could be deleted: {'; '.join(left)}")
    return (
        f"Deleted {count:,} files, whole: other learners' events in them can be delivered again from the source."
    )


def _confirm(count: int) -> None:
    if not sys.stdin.isatty():
        raise PermanentError("Nothing was deleted: without a terminal to ask at, wanted --yes.")
    if input(f"Delete these {count:,} files, whole? (yes/no) ").strip().lower() != "yes":
        raise PermanentError("Nothing was deleted.")


if __name__ == "__main__":
    sys.exit(main())
