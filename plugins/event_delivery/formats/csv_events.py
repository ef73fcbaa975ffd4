"""How do staged events become a CSV file?"""

from __future__ import annotations

from typing import IO

from event_delivery.formats.blocks import read_blocks
from event_delivery.staging import Manifest, StagedFile


def format_csv(source: IO[bytes], target: StagedFile, _staged: Manifest) -> None:
    r"""Copy the staged events: RFC 4180 with `\n` line ends, UTF-8 without a byte order mark."""
    for block in read_blocks(source):
        target.write(block)
