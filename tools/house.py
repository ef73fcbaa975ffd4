"""Does CONTRIBUTING show the house as the code is built, and is no room too large?

`python -m tools.house` draws the picture of the rooms' imports and their questions into CONTRIBUTING.md;
with `--check` it says what is out of date or too long, and fails.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import grimp

PROJECT = Path(__file__).parents[1]
PLUGINS = PROJECT / "plugins"
PAGE = PROJECT / "CONTRIBUTING.md"
PACKAGE = "event_delivery"
START, END = "<!-- drawn by `make picture`: do not edit -->\n", "<!-- end of the drawing -->"
LONGEST_MODULE, LONGEST_FUNCTION = 150, 25
REASON = "# long:"
Edges = set[tuple[str, str]]


def main(arguments: list[str]) -> int:
    """Draw, or check; returns the exit status."""
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(START, 1)
    drawn = before + START + draw_house() + END + rest.split(END, 1)[1]
    if "--check" not in arguments:
        PAGE.write_text(drawn, encoding="utf-8")
        return 0
    problems = list(find_long_code())
    if drawn != text:
        problems.append("CONTRIBUTING.md: the picture is out of date, run: make picture")
    print(*problems, sep="\n", end="\n" if problems else "")  # noqa: T201
    return 1 if problems else 0


def draw_house() -> str:
    """Return the rooms' imports as a Mermaid diagram, and each room's question."""
    edges = sorted(reduce_edges(read_edges()))
    lines = [f"    {importer} --> {imported}" for importer, imported in edges]
    rooms = sorted({room for edge in edges for room in edge}, key=lambda room: (-_depth(room, set(edges)), room))
    questions = [f"| `{room}` | {_question(room)} |" for room in rooms]
    diagram = "```mermaid\nflowchart TD\n" + "\n".join(lines) + "\n```\n"
    return diagram + "\n| room | its question |\n|---|---|\n" + "\n".join(questions) + "\n"


def read_edges() -> Edges:
    """Return which room imports which, inside functions too."""
    sys.path.insert(0, str(PLUGINS))
    graph = grimp.build_graph(PACKAGE)
    pairs = {
        (_room(importer), _room(imported))
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
    }
    return {(one, other) for one, other in pairs if one and other and one != other}


def reduce_edges(edges: Edges) -> Edges:
    """Leave out what follows from other edges, so that the picture can be read."""
    return {edge for edge in edges if not _reaches(edge[0], edge[1], edges - {edge})}


def find_long_code() -> Iterator[str]:
    """Yield the modules and the bodies of functions that ask to be two, and give no reason beside them."""
    for file in sorted(PLUGINS.rglob("*.py")):
        lines = file.read_text(encoding="utf-8").splitlines()
        shown = file.relative_to(PROJECT)
        if len(lines) > LONGEST_MODULE:
            yield f"{shown}: {len(lines)} lines, wanted {LONGEST_MODULE} at most"
        for node in ast.walk(ast.parse("\n".join(lines))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = _body_length(node)
                if length > LONGEST_FUNCTION and REASON not in lines[node.lineno - 1]:
                    yield f"{shown}:{node.lineno}: {node.name}: {length} lines, wanted {LONGEST_FUNCTION} at most"


def _body_length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def _room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def _reaches(start: str, goal: str, edges: Edges) -> bool:
    following = {imported for importer, imported in edges if importer == start}
    return goal in following or any(_reaches(room, goal, edges) for room in following)


def _depth(room: str, edges: Edges) -> int:
    return max((1 + _depth(imported, edges) for importer, imported in edges if importer == room), default=0)


def _question(room: str) -> str:
    path = PLUGINS / PACKAGE / room
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return " ".join(docstring.split("\n\n")[0].split())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
