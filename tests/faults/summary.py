"""How many faults were tried, and what came of them: a table at the end of the run, and docs/faults-in-full.md?"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

from tests.faults.page import PROPERTY, WRITE, Row, write_page

_MODULES = ("test_faults", "test_lines", "test_servers", "test_kills", "test_ledger")


def pytest_terminal_summary(terminalreporter, config) -> None:
    """Print place x outcome; write the page when `make faults` asks for it."""
    if hasattr(config, "workerinput"):  # one of several processes knows a part only
        return
    noted = [
        value
        for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
        if report.when == "call"
        for name, value in report.user_properties
        if name == PROPERTY
    ]
    if not noted:
        return
    noted.sort(key=lambda value: (_MODULES.index(value[0][0]), value[0][1:]))
    found = [Row(*row) for _, row in noted]
    terminalreporter.section(f"{len(found)} faults")
    count = Counter((row.section, row.where, row.outcome) for row in found)
    width = max(len(f"{section}: {where}") for section, where, _ in count)
    for (section, where, outcome), number in count.items():
        terminalreporter.write_line(f"{section + ': ' + where:{width}}  {number:4}  {outcome}")
    if page := os.environ.get(WRITE):
        Path(page).write_text(write_page(found))
        terminalreporter.write_line(f"written: {page}")
