"""How is one upload run in a process of its own, and did every byte arrive?"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import ROOT
from benchmarks.line import Line
from benchmarks.runs import BenchError
from benchmarks.sshd import Sshd
from benchmarks.upload import Upload
from benchmarks.upload_file import uploaded_delivery
from benchmarks.upload_report import UploadRun


@dataclass(frozen=True)
class UploadBench:
    """Where the ways run: a folder, the source, and the server that the files go to."""

    folder: Path
    uri: str
    sshd: Sshd

    def make_file(self, rows: int, lines: tuple[Line, ...]) -> Any:
        """Stage a delivery file for each line's destination; returns its manifest."""
        destinations = [line.destination_id for line in lines]
        return json.loads(self._run("benchmarks.upload_file", [str(rows), *destinations], {}))

    def run(self, way: str, line: Line, port: int, rows: int, file: Any) -> UploadRun:
        """Upload in one way, in a new process, and compare what arrived."""
        name = uploaded_delivery(rows, line.destination_id).file_name
        upload = Upload(
            file["path"], str(self.sshd.files / name), rows, line.destination_id, port,
            self.sshd.user, str(self.sshd.private_key), self.sshd.host_key,
        )  # fmt: skip
        environment = {"AIRFLOW_CONN_BENCH": upload.connection()}
        shown = self._run("benchmarks.upload_ways", [way, upload.describe()], environment)
        self._check(way, name, file["sha256"])
        figures = json.loads(shown.splitlines()[-1])
        return UploadRun(**{key: figures[key] for key in ("seconds", "cpu", "before_mb", "peak_mb")})

    def _check(self, way: str, name: str, sha256: str) -> None:
        """Compare what arrived with what was sent, and take it away: nothing else may lie there."""
        found = [path.name for path in self.sshd.files.iterdir()]
        if found != [name]:
            raise BenchError(f"{way} left {found or 'nothing'} on the server, wanted {name}")
        with (self.sshd.files / name).open("rb") as arrived:
            if hashlib.file_digest(arrived, "sha256").hexdigest() != sha256:
                raise BenchError(f"{way}: other bytes arrived than were sent")
        (self.sshd.files / name).unlink()

    def _run(self, module: str, arguments: list[str], environment: dict[str, str]) -> str:
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "EVENT_DELIVERY"))
        }
        places = {
            "AIRFLOW_HOME": str(self.folder / "airflow"),
            "AIRFLOW_CONN_EVENTS_DB": self.uri,
            "EVENT_DELIVERY_STAGING": str(self.folder / "staging"),
        }
        command = [sys.executable, "-m", module, *arguments]
        child = subprocess.run(command, cwd=ROOT, env=kept | places | environment, capture_output=True, text=True)
        if child.returncode:
            raise BenchError(f"{module} {arguments[0]} failed:\n{child.stderr}")
        return child.stdout
