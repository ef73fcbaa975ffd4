"""Can these columns be the header of a CSV file and the keys of a JSON object?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence


def find_clashes(names: Sequence[str]) -> Iterator[str]:
    """Yield what keeps the names, in this order, from being unambiguous in both formats, and the cure."""
    for name, copies in Counter(names).items():
        if copies > 1:
            yield f"{copies} columns are called {quote(name)}: give each a name of its own with `as`"
        if "" in name.split("."):
            yield f"column {quote(name)} has an empty part: wanted a name on either side of each dot"
    objects = {parent for name in names for parent in _list_objects(name)}
    for name in sorted(objects & set(names)):
        [child, *_] = (each for each in names if name in _list_objects(each))
        yield f"{quote(name)} would be a value, and an object because of {quote(child)}: rename one of the two"
    yield from _find_parted(names)


def quote(name: str) -> str:
    """Return the name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def _find_parted(names: Sequence[str]) -> Iterator[str]:
    """Find the objects that are taken up again after a column that is not theirs."""
    last: dict[str, int] = {}
    for number, name in enumerate(names):
        for parent in _list_objects(name):
            if last.get(parent, number - 1) < number - 1:
                between = ", ".join(quote(other) for other in names[last[parent] + 1 : number])
                yield f"columns of the object {quote(parent)} are parted by {between}: let them stand side by side"
            last[parent] = number


def _list_objects(name: str) -> list[str]:
    """Return the objects that the value lies in: for `a.b.c` they are `a` and `a.b`."""
    parts = name.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts))]
