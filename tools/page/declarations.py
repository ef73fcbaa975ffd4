"""Which types have the page's answers, for its scripts? Written from the Python that makes the answers.

`python -m tools.page.declarations` writes the file; `python -m tools.page.check` fails when it is another.
"""

from __future__ import annotations

import types
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

from event_delivery.page.answers import states
from event_delivery.page.answers.shapes import (
    action,
    boarding,
    delivery,
    destination,
    incident,
    overview,
    preflight,
    preview,
    reconciliation,
    security,
)
from tools.page import ASSETS

FILE = ASSETS / "answers.d.ts"
MODULES = (
    states, overview, delivery, reconciliation, destination, action, security, incident, preflight, preview,
    boarding,
)  # fmt: skip
HEAD = "// Which shape has each answer of the server? Written by `python -m tools.page.declarations`.\n"
_CHOICES = (Literal, Union, types.UnionType)
_PLAIN = {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}


def write_declarations() -> None:
    """Write the file of the repository."""
    FILE.write_text(render_declarations(), encoding="utf-8")


def render_declarations() -> str:
    """Return the types of all answers as TypeScript."""
    own = {name: made for module in MODULES for name, made in vars(module).items() if _is_shape(made)}
    aliases = {made: name for name, made in own.items() if not is_typeddict(made)}
    parts = (_render(name, made, aliases) for name, made in own.items())
    return "\n".join([HEAD, *parts])


def _is_shape(made: object) -> bool:
    return is_typeddict(made) or get_origin(made) in _CHOICES


def _render(name: str, made: Any, aliases: dict[Any, str]) -> str:
    if not is_typeddict(made):
        return f"export type {name} = {_translate(made, {})};\n"
    hints = get_type_hints(made, include_extras=True)
    fields = [_render_field(field, each, aliases) for field, each in hints.items()]
    comment = f"/** {made.__doc__} */\n" if made.__doc__ else ""
    return "\n".join([f"{comment}export interface {name} {{", *fields, "}\n"])


def _render_field(name: str, made: Any, aliases: dict[Any, str]) -> str:
    if get_origin(made) is NotRequired:
        return f"  {name}?: {_translate(get_args(made)[0], aliases)};"
    return f"  {name}: {_translate(made, aliases)};"


def _translate(made: Any, aliases: dict[Any, str]) -> str:
    """Return a Python type as TypeScript.

    Raises:
        TypeError: JSON has no such type, or nobody needed it yet.
    """
    if made in aliases:
        return aliases[made]
    if made in _PLAIN:
        return _PLAIN[made]
    if is_typeddict(made):
        return str(made.__name__)
    origin, inner = get_origin(made), get_args(made)
    if origin is Literal:
        return " | ".join(f'"{value}"' for value in inner)
    if origin in (Union, types.UnionType):
        return " | ".join(_translate(each, aliases) for each in inner)
    if origin is list:
        return f"Array<{_translate(inner[0], aliases)}>"
    if origin is dict:
        return f"Record<{_translate(inner[0], aliases)}, {_translate(inner[1], aliases)}>"
    raise TypeError(f"found {made!r} in an answer of the page, wanted a type that JSON has")


if __name__ == "__main__":
    write_declarations()
