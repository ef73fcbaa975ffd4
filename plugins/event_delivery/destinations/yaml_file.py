"""Which fields does a YAML file hold, whoever wrote it?"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from event_delivery.regular_file import read_regular_file

MOST_KIB = 64
DEEPEST, MOST_NODES = 8, 1_000  # a destination with everything has three levels and some 50 nodes

# The surprises of version 1.1: 12:30 and 0123 are no numbers, a date is text, `<<` is a key like others.
_REPLACED_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("int", "timestamp", "merge")}
_NULL = "tag:yaml.org,2002:null"
# Whose lines were commented out, or who meant the login folder, did not mean none: files would leave unencrypted.
_UNSAID = {
    "": "found no value, wanted one, or no such line, or null where none is meant",
    "~": "found ~, which YAML reads as null, wanted '~' in quotes, or null where none is meant",
}
_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_SafeLoader):
    """A safe loader without the surprises of version 1.1, in which no key stands twice."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own spelling
        first: [(tag, regexp) for tag, regexp in resolvers if tag not in _REPLACED_TAGS]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _Refused("a key is a list or a mapping, wanted the name of a field", key.start_mark)
            if key.value in seen:
                raise _Refused(f"field {key.value!r} stands twice", key.start_mark)
            if value.tag == _NULL and value.value in _UNSAID:
                raise _Refused(f"field {key.value!r}: {_UNSAID[value.value]}", value.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"[-+]?(0|[1-9][0-9]*)\Z"), list("-+0123456789"))


class _Refused(yaml.MarkedYAMLError):
    """What we refuse, although it is YAML."""

    def __init__(self, problem: str, mark: Any) -> None:
        super().__init__(problem=problem, problem_mark=mark)


def read_yaml(file: Path) -> dict[str, Any]:
    """Return the fields of a file; an empty one has none.

    What cannot be read safely is refused before it is read: see `_check_events`.

    Raises:
        ValueError: names what is wrong and the place, never the line's text, which may hold a secret.
        OSError: the file cannot be read.
    """
    text = read_regular_file(file, MOST_KIB)
    try:
        _check_events(text)
        content = yaml.load(text, _Loader)  # noqa: S506 - a safe loader
    except yaml.MarkedYAMLError as error:
        raise ValueError(_explain(error)) from None
    except (yaml.YAMLError, RecursionError, OverflowError) as error:
        raise ValueError(f"not YAML in UTF-8 ({type(error).__name__})") from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        found = type(content).__name__
        raise ValueError(f"found {found}, wanted fields such as `client: Acme`")  # noqa: TRY004
    if wrong := [key for key in content if not isinstance(key, str)]:
        raise ValueError(f"found {wrong[0]!r} as the name of a field, wanted text, such as `client: Acme`")
    return content


def _explain(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark
    where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "somewhere"
    return f"{where}: {error.problem}" if isinstance(error, _Refused) else f"not YAML ({where}): {error.problem}"


def _check_events(text: str) -> None:
    """Refuse what a loader should not see: depth ends its stack, aliases grow without limit, tags build objects.

    Events are read one by one and need no stack: the first that is too deep is the last one read.

    Raises:
        yaml.YAMLError: it is refused, or not YAML.
    """
    loader, depth, nodes = _SafeLoader(text), 0, 0
    try:
        while loader.check_event():
            event = loader.get_event()
            depth += _deepen(event)
            nodes += isinstance(event, yaml.NodeEvent)
            if problem := _find_problem(event, depth, nodes):
                raise _Refused(problem, event.start_mark)
    finally:
        loader.dispose()


def _deepen(event: Any) -> int:
    return isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)


def _find_problem(event: Any, depth: int, nodes: int) -> str | None:
    if getattr(event, "anchor", None):
        return "found an anchor or alias (`&` or `*`), wanted each value written out"
    if getattr(event, "tag", None):
        return "found a tag (`!`), wanted a plain or quoted value"
    if depth > DEEPEST:
        return f"found more than {DEEPEST} levels of lists and mappings"
    return f"found more than {MOST_NODES:,} values" if nodes > MOST_NODES else None
