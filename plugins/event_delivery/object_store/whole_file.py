"""How does a file appear whole in a folder that stands for an object store?"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any


def write_whole_file(place: str, write: Callable[[str], Any]) -> None:
    """Give a file (0600, its folders 0700) its name when it is whole: fsspec writes into the name itself.

    Args:
        place: its path.
        write: writes a file of the path that it is given.

    Raises:
        OSError: it cannot be written; what was half written is removed.
    """
    path = Path(place)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        partial.touch(mode=0o600, exist_ok=False)
        write(str(partial))
        os.replace(partial, path)  # noqa: PTH105
    finally:
        partial.unlink(missing_ok=True)
