"""Where do the figures stand for others to read, and how did they come about?"""

from __future__ import annotations

import os
import platform
import re
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil

from benchmarks import ROOT
from benchmarks.runs import BenchError

PAGE = ROOT / "docs" / "benchmarks.md"
IMAGES = ROOT / "docs" / "images"
_PACKAGES = {"Airflow": "apache-airflow", "psycopg": "psycopg", "AsyncSSH": "asyncssh", "pandas": "pandas"}
_GIB = 1 << 30


def write_part(part: str, figures: str, seconds: float) -> None:
    """Put the figures of a part in the place of its last ones, with their date, versions and machine.

    Args:
        part: named by two comments of the page, around its figures.
        figures: Markdown.
        seconds: that measuring took.

    Raises:
        BenchError: the page has no such place.
    """
    begin, end = f"<!-- figures: {part} -->", f"<!-- end: {part} -->"
    text = PAGE.read_text(encoding="utf-8")
    if begin not in text or end not in text:
        raise BenchError(f"{PAGE.name} has no place for {part}: it needs the lines {begin} and {end}.")
    before, behind = text.split(begin)[0], text.split(end)[1]
    PAGE.write_text(f"{before}{begin}\n{describe_origin(seconds)}\n\n{figures}\n{end}{behind}", encoding="utf-8")


def describe_origin(seconds: float) -> str:
    """Return when, with what and on what figures were measured, which took so many seconds."""
    versions = ", ".join(f"{name} {version(package)}" for name, package in _PACKAGES.items())
    load = os.getloadavg()[1]
    return (
        f"*{datetime.now(UTC):%Y-%m-%d}, in {max(1, round(seconds / 60))} min; {describe_machine()}; "
        f"load {load:.1f} at the end; Python {platform.python_version()}, {versions}.*"
    )


def describe_machine() -> str:
    """Return its processors, memory and system; no name that would tell whose it is."""
    memory = psutil.virtual_memory().total / _GIB
    return f"{os.cpu_count()} x {_name_processor()}, {memory:.0f} GiB, {platform.system()} {platform.machine()}"


def _name_processor() -> str:
    known = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*:\s*(.+)$", known.read_text(), re.MULTILINE) if known.exists() else None
    return found[1].strip() if found else platform.processor() or "a processor without a name"
