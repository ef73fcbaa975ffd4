"""An importer that an integration engineer wrote from the guide's text alone; it knows nothing of this project.

What the guide says, and nothing else: names that start with a dot are on their way; a name that is known is a
newer version of its day, which replaces what was loaded of that day and the supplements before it; `test` in a
name is no event; events are told apart by their id; a manifest follows its file, with its sha256.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import re
from pathlib import Path
from typing import Any

Event = dict[str, Any]
_ENDINGS = (".csv", ".json", ".ndjson")


class Importer:
    """Loads what lies in a folder; `events` is what the client's system holds, by id."""

    def __init__(self, delimiter: str = ",", manifests: bool = False) -> None:
        self._delimiter, self._manifests = delimiter, manifests
        self._days: dict[str, dict[str, dict[str, Event]]] = {}
        self._loaded: dict[str, bytes] = {}

    @property
    def events(self) -> dict[str, Event]:
        """All events of all days."""
        return {key: event for day in self._days.values() for file in day.values() for key, event in file.items()}

    def load(self, folder: Path) -> None:
        """Load what is new or newer in a folder, in the order of arrival."""
        for path in sorted(folder.iterdir(), key=lambda each: each.stat().st_mtime_ns):
            if not path.name.startswith(".") and "-test-" not in path.name and self._is_data(path):
                self._load(path)

    def _is_data(self, path: Path) -> bool:
        return not path.name.endswith(".manifest.json") and any(ending in path.name for ending in _ENDINGS)

    def _load(self, path: Path) -> None:
        content = path.read_bytes()
        if self._manifests and not self._is_whole(path, content):
            return
        if self._loaded.get(path.name) == content:
            return
        self._loaded[path.name] = content
        day = re.sub(r"-supplement-\d+", "", path.name).partition("_")[2].partition("-courseCompletion")[0][:10]
        if "-supplement-" not in path.name:
            self._days[day] = {}
        self._days.setdefault(day, {})[path.name] = {event["id"]: event for event in self._read(path, content)}

    def _is_whole(self, path: Path, content: bytes) -> bool:
        manifest = path.with_name(f"{path.name}.manifest.json")
        return (
            manifest.exists() and json.loads(manifest.read_text())["sha256"] == hashlib.sha256(content).hexdigest()
        )

    def _read(self, path: Path, content: bytes) -> list[Event]:
        text = (gzip.decompress(content) if path.name.endswith(".gz") else content).decode("utf-8-sig")
        if ".csv" in path.name:
            return list(csv.DictReader(text.splitlines(keepends=True), delimiter=self._delimiter))
        return json.loads(text) if ".json" in path.name else [json.loads(line) for line in text.splitlines()]
