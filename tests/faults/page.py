"""What does docs/faults-in-full.md say about each fault, and is it what was seen?"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from pathlib import Path

PROPERTY = "fault row"  # of a test's report
WRITE = "WRITE_FAULTS_PAGE"  # the page to write, set by `make faults`
DONE, EITHER = ", though done", ", done or not"
PAGE = Path(__file__).parents[2] / "docs" / "faults-in-full.md"
_HEAD = "| where | what goes wrong | what that try says | what comes of it |\n|---|---|---|---|\n"
_BROKEN = "|".join(
    (
        "Connection (reset by peer|lost|closed|not open)",
        "Broken pipe",
        "SSH connection closed",
        "the server goes down( .error 11.)?",
    )
)
_INTRODUCTION = """# Every fault that was tried, and what came of it

The list behind [faults.md](faults.md).

`make faults` makes every one of these things go wrong on a real SFTP server, lets the tries of a night follow, and
writes this page. A test fails when the page and the behaviour differ. After each of them one right file was
delivered, nothing was left behind, nobody who looked at the final name ever saw half a file (except where it is
written directly), a robot got one copy at most, no try offered a password twice, and the ledger told the truth.

Words in quotes are errors that the server answers, "though done" means that it had done what it was asked for.

"sends it again": the next try sends the whole file. "renames it": the whole file lies there under its temporary
name and only gets its name. "finds it": the file is there, or was taken; nothing is sent.
"""


@dataclass(frozen=True, order=True)
class Row:
    """One fault at one place: what that try says, and what comes of it."""

    section: str
    where: str
    fault: str
    says: str
    outcome: str


def shorten(sentence: str, name: str) -> str:
    """Return an error's first clause, without what differs from case to case: address, path, numbers."""
    text = re.sub(r"^127\.0\.0\.1:\d+, ", "", sentence)
    text = re.sub(r"\S*" + re.escape(name) + r"\S*", "", text).strip(" ,")
    text = re.sub(r"No matching .* algorithm found.*", "no algorithm in common", text)
    text = re.sub(_BROKEN, "the line broke", text)
    text = re.sub(r"the server says: [a-z ]+", "the server's own words", text)
    text = re.sub(r"\d[\d.,]* (s|of|bytes)\b", r"… \1", text)
    return re.split(r"(?<=[a-z)])[.;] ?", text)[0].replace("|", "/")


def write_page(rows: list[Row]) -> str:
    """Return the page; faults that come to the same share a line."""
    sections: dict[str, dict[tuple[str, str, str], list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in dict.fromkeys(rows):
        sections[row.section][row.where, row.says, row.outcome].append(row.fault)
    parts = [_INTRODUCTION + f"\n{len(rows):,} cases stand behind these tables.\n"]
    for section, lines in sections.items():
        table = [
            f"| {where} | {'; '.join(_merge(faults))} | {says} | {outcome} |\n"
            for (where, says, outcome), faults in lines.items()
        ]
        parts.append(f"\n## {section[:1].upper()}{section[1:]}\n\n{_HEAD}{''.join(table)}")
    return "".join(parts)


def read_page(text: str) -> set[Row]:
    """Return what the page says, a row a fault."""
    rows, section = set(), ""
    for line in text.splitlines():
        if line.startswith("## "):
            section = line[3:]
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and cells[0] != "where":
            where, faults, says, outcome = cells
            rows |= {Row(section.lower(), where, fault, says, outcome) for fault in _split(faults)}
    return rows


def _merge(faults: list[str]) -> list[str]:
    """Let a fault that comes to the same before and after the server's deed stand once."""
    both = {fault for fault in faults if fault + DONE in faults}
    once = [fault for fault in faults if fault.removesuffix(DONE) not in both or fault in both]
    return [fault + EITHER if fault in both else fault for fault in once]


def _split(faults: str) -> Iterator[str]:
    for fault in faults.split("; "):
        yield fault.removesuffix(EITHER)
        if fault.endswith(EITHER):
            yield fault.removesuffix(EITHER) + DONE


def documented(row: Row) -> bool:
    """Say whether the page has this row."""
    text = PAGE.read_text() if PAGE.exists() else ""
    return Row(row.section.lower(), *astuple(row)[1:]) in read_page(text)
