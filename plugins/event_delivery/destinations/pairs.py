"""Which statements and samples stand in include/, and does each statement have its sample?"""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import takewhile
from pathlib import Path

from event_delivery.destinations.stamp import stamp_files
from event_delivery.regular_file import read_regular_file

SOURCE_READY = "source_ready"  # tells whether the source is complete
_NO_EVENT_TYPES = {"demo_schema", SOURCE_READY}  # the former makes the demo's table
_STEM = re.compile(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*")
_LONGEST_STEM = 60
MOST_KIB = 1_024  # of a statement, and of a sample
_PREFIX_COMMENT = re.compile(r"--\s*file prefix:(.*)", re.IGNORECASE)
_PREFIX = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")

Pair = tuple[str, str, str]


def read_pairs(include: Path) -> tuple[list[Pair], dict[str, str]]:
    """Return the event types as (name, stem of its files, prefix of its file names), and by name what is wrong.

    Never raises for what a file holds or is called: one wrong pair leaves the others right.
    """
    statements, samples = _list_stems(include / "sql", ".sql"), _list_stems(include / "samples", ".json")
    stems_of = defaultdict(list)
    for stem in sorted((statements | samples) - _NO_EVENT_TYPES):
        stems_of[name_event_type(stem)].append(stem)
    pairs, problems = [], {}
    for name, stems in stems_of.items():
        try:
            _check_stems(name, stems, statements, samples)
            pairs.append((name, stems[0], _read_prefix(include / "sql" / f"{stems[0]}.sql", name)))
        except ValueError as problem:
            problems[name] = str(problem)
    return pairs, problems


def name_event_type(stem: str) -> str:
    """Return the event type of files with this stem: `course_completion` is `courseCompletion`."""
    first, *others = stem.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in others)


def _list_stems(folder: Path, suffix: str) -> set[str]:
    names = (name for name, *_ in stamp_files(folder, f"*{suffix}"))
    return {name.removesuffix(suffix) for name in names if not name.startswith(("_", "."))}


def _check_stems(name: str, stems: list[str], statements: set[str], samples: set[str]) -> None:
    stem = stems[0]
    if len(stems) > 1:
        raise ValueError(f"the files {' and '.join(stems)} in include/ are both the event type {name!r}: keep one")
    if not _STEM.fullmatch(stem) or len(stem) > _LONGEST_STEM:
        wanted = f"words of letters and digits joined by '_', at most {_LONGEST_STEM} characters"
        raise ValueError(f"include/: found files called {stem!r}, wanted {wanted}, such as course_completion")
    if stem not in samples:
        wanted = f"write one event, as the file will show it, into include/samples/{stem}.json"
        raise ValueError(f"include/sql/{stem}.sql has no sample: {wanted}")
    if stem not in statements:
        raise ValueError(f"include/samples/{stem}.json has no statement: write include/sql/{stem}.sql")


def _read_prefix(statement: Path, name: str) -> str:
    """Return the prefix that the leading comment names, else the event type's name."""
    shown = f"include/sql/{statement.name}"
    try:
        lines = read_regular_file(statement, MOST_KIB).splitlines()
    except OSError as error:
        raise ValueError(f"{shown} cannot be read ({error.strerror or type(error).__name__})") from None
    except ValueError as error:
        raise ValueError(f"{shown} cannot be read: {error}") from None
    comment = takewhile(lambda line: line.startswith("--") or not line.strip(), lines)
    prefixes = [match[1].strip() for line in comment if (match := _PREFIX_COMMENT.fullmatch(line.strip()))]
    if len(prefixes) > 1 or any(not _PREFIX.fullmatch(prefix) for prefix in prefixes):
        wanted = "one, of at most 60 letters, digits, '_' and '-'"
        raise ValueError(f"{shown}: file prefix: found {' and '.join(map(repr, prefixes))}, wanted {wanted}")
    return prefixes[0] if prefixes else name
