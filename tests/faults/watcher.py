"""Did anybody who looked at the final name ever see anything but the whole file?"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Self


class Watcher:
    """Looks into a folder as fast as it can in a thread, as a context manager.

    `wrong` holds what stood under the final name and was none of the expected contents; `temporary` all other
    names that were seen; `looks` counts.
    """

    def __init__(self, folder: Path, final: str, *expected: bytes, pause: float = 0.0002) -> None:
        self._folder = folder
        self._final = final
        self._expected = expected
        self._pause = pause
        self._ended = threading.Event()
        self.wrong: list[bytes] = []
        self.temporary: set[str] = set()
        self.looks = 0

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._watch, daemon=True, name="watcher")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        seen: tuple[int, int, int] | None = None
        while not self._ended.wait(self._pause):
            self.looks += 1
            seen = self._look(seen)
        self._look(None)

    def look(self) -> None:
        """Look once, at a moment that the caller chooses."""
        self._look(None)

    def _look(self, seen: tuple[int, int, int] | None) -> tuple[int, int, int] | None:
        """Read the final name when it is another file or has changed since the look before."""
        try:
            self.temporary |= {entry.name for entry in os.scandir(self._folder)} - {self._final}
            with (self._folder / self._final).open("rb") as file:
                status = os.fstat(file.fileno())
                now = (status.st_ino, status.st_size, status.st_mtime_ns)
                if now != seen and (content := file.read()) not in self._expected:
                    self.wrong.append(content)
        except FileNotFoundError:
            return None
        return now
