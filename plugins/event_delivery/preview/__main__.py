"""What would a client get of a day? Exactly the file, not sent.

    python -m event_delivery.preview acme --day 2026-01-31 > file      to standard output
    python -m event_delivery.preview acme --output file                yesterday's, into a new file (0600); of a
                                                                       split day its parts, into a new folder
    python -m event_delivery.preview acme --test-file                  the test file, without a learner's data

Nothing is written into ledger and staging area. It holds learners' data: let nobody else read along.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import IO

from event_delivery.command_line import answer, read_day
from event_delivery.errors import PermanentError
from event_delivery.preview.choosing import choose_delivery
from event_delivery.preview.making import make_preview
from event_delivery.staging import BLOCK_BYTES, Part, list_parts


def main(arguments: list[str] | None = None) -> int:
    """Write the file, and on standard error what it is; returns the exit status."""
    options = _parse(arguments)
    output = sys.stdout.buffer

    def obey() -> str:
        delivery = choose_delivery(options.destination, options.event, options.day, options.test_file)
        if options.output is None and output.isatty() and not delivery.destination.is_text:
            raise PermanentError(f"{delivery.file_name} is no text for a terminal: wanted --output, or > file.")
        with redirect_stdout(sys.stderr), make_preview(delivery) as (manifest, file):
            parts = list_parts(manifest, delivery.file_name)
            if parts and options.output:
                _write_parts(file, Path(options.output), parts)
            else:
                _write(file, options.output, output)
        told = f"{manifest.rows:,} events, {manifest.bytes:,} bytes, sha256 {manifest.sha256}"
        told += f", in {len(parts):,} parts" if parts else ""
        return f"{delivery.file_name}: {told}. Nothing was sent."

    with redirect_stdout(sys.stderr):
        return answer(obey)


def _write_parts(file: IO[bytes], folder: Path, parts: Sequence[Part]) -> None:
    try:
        folder.mkdir(0o700)
    except OSError as error:
        why = f"{folder} cannot be made ({error.strerror}): the day is split, so name a folder that is not there."
        raise PermanentError(why) from None
    for part in parts:
        with os.fdopen(os.open(folder / part.name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            for left in range(part.bytes, 0, -BLOCK_BYTES):
                target.write(file.read(min(left, BLOCK_BYTES)))


def _write(file: IO[bytes], path: str | None, output: IO[bytes]) -> None:
    if path is None:
        shutil.copyfileobj(file, output)
        output.flush()
        return
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            shutil.copyfileobj(file, target)
    except OSError as error:
        why = f"{path} cannot be written ({error.strerror}): name a file that is not there."
        raise PermanentError(why) from None


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("python -m event_delivery.preview", description=__doc__, formatter_class=form)
    parser.add_argument("destination", help="id of the destination, such as acme")
    parser.add_argument("--day", type=read_day, help="local day, YYYY-MM-DD (default: yesterday)")
    parser.add_argument("--event", help="event type (default: the destination's first)")
    parser.add_argument("--output", help="a new file, or folder where split (default: standard output)")
    parser.add_argument("--test-file", action="store_true", help="the test file in place of a day")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
