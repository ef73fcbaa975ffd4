"""An importer that an integration engineer wrote from a guide's text alone; it knows nothing of this project.

What the guides say, and nothing else:

- What is on its way starts with a dot; a name with `test` in it is no event. What follows a file says that it is
  whole: nothing is taken before.
- What a manifest of parts names is a day, when all of it is there; what none names is nothing.
- A name that is known is a newer version of its day: it replaces what was loaded of that day, and the supplements
  of that day that came before it. The same bytes are the same file.
- Where a column tells events apart, one that is known is overwritten. Where none does, each record counts.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas

Event = dict[str, Any]
_FOLLOWERS = (".done", ".sha256", ".manifest.json")


@dataclass
class Importer:
    """Loads what lies in a folder, as one guide says: its fields are what the engineer read there."""

    delimiter: str = ","
    encoding: str = "utf-8"
    names: list[str] | None = None
    id_column: str | None = "id"
    follower: str = ""
    split: bool = False
    seen: dict[str, bytes] = field(default_factory=dict)
    days: dict[str, dict[str, list[Event]]] = field(default_factory=dict)

    @property
    def events(self) -> list[Event]:
        """All events of all days, each once where a column tells them apart."""
        found = [event for files in self.days.values() for events in files.values() for event in events]
        return list({event[self.id_column]: event for event in found}.values()) if self.id_column else found

    def load(self, folder: Path) -> None:
        """Load what is new or newer in a folder, in the order of arrival."""
        for path in sorted(folder.iterdir(), key=lambda each: each.stat().st_mtime_ns):
            if self.split:
                self._load_parts(path)
                continue
            is_event_file = not path.name.startswith(".") and "test" not in path.name
            if is_event_file and not path.name.endswith(_FOLLOWERS):
                self._load(path)

    def _load(self, path: Path) -> None:
        content = path.read_bytes()
        if not self._is_whole(path, content) or self.seen.get(path.name) == content:
            return
        self.seen[path.name] = content
        day = self._find_day(path.name)
        if "supplement" not in path.name:
            self.days[day] = {}
        self.days.setdefault(day, {})[path.name] = list(self._read(path.name, content))

    def _load_parts(self, path: Path) -> None:
        name, content = path.name, path.read_bytes()
        is_manifest = not name.startswith(".") and name.endswith(self.follower) and "test" not in name
        if not is_manifest or self.seen.get(name) == content:
            return
        told = json.loads(content)["parts"]
        parts = [(part["file"], path.with_name(part["file"]).read_bytes()) for part in told]
        assert [hashlib.sha256(part).hexdigest() for _, part in parts] == [part["sha256"] for part in told]
        self.seen[name] = content
        day = self._find_day(name)
        if "supplement" not in name:
            self.days[day] = {}
        self.days.setdefault(day, {})[name] = [event for part in parts for event in self._read(*part)]

    def _find_day(self, name: str) -> str:
        """Return the part of a name that says which day it is of: a date, or the instant at which it was due."""
        [day] = re.findall(r"\d{4}-\d\d-\d\d(?:T\d\d-\d\d-\d\d)?|(?<!\d)\d{8}(?!\d)", name)
        return str(day)

    def _is_whole(self, path: Path, content: bytes) -> bool:
        follower = path.with_name(path.name + self.follower)
        if not self.follower or not follower.exists():
            return not self.follower
        sha256 = hashlib.sha256(content).hexdigest()
        if self.follower == ".sha256":
            return follower.read_text() == f"{sha256}  {path.name}\n"
        return self.follower == ".done" or json.loads(follower.read_text())["sha256"] == sha256

    def _read(self, name: str, content: bytes) -> Iterator[Event]:
        if name.endswith(".gz"):
            name, content = name.removesuffix(".gz"), gzip.decompress(content)
        elif name.endswith(".zip"):
            name = name.removesuffix(".zip")
            content = zipfile.ZipFile(io.BytesIO(content)).read(name)
        if name.endswith(".parquet"):
            yield from pandas.read_parquet(io.BytesIO(content)).to_dict("records")
            return
        text = content.decode(self.encoding)
        if name.endswith(".ndjson"):
            yield from map(json.loads, text.splitlines())
        elif name.endswith(".json"):
            yield from json.loads(text)
        else:
            lines = io.StringIO(text, newline="")
            yield from csv.DictReader(lines, self.names, delimiter=self.delimiter)
