"""Do the scripts know the answers' shapes as the page's Python makes them?"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict, get_args

import pytest

from event_delivery.orchestration.names import ROBOT, SEND_AGAIN
from event_delivery.page.answers.shapes.action import Decision
from tools.page import check, declarations


def test_the_declarations_in_the_repository_are_what_the_python_says():
    """A shape that changes without them would break the scripts unseen."""
    assert list(check.find_problems()) == []


def test_the_page_offers_the_decisions_that_the_dags_read():
    """A type cannot be made of the names, so they are held together here."""
    assert get_args(Decision) == (ROBOT, SEND_AGAIN)


def test_a_shape_becomes_an_interface(monkeypatch):
    """Keys that may be absent, words of a choice, lists and what may be null."""

    class Night(TypedDict):
        """One night."""

        state: Literal["late", "due"]
        rows: NotRequired[int | None]
        names: list[dict[str, bool]]

    monkeypatch.setattr(declarations, "MODULES", (type("module", (), {"Night": Night}),))
    assert declarations.render_declarations().splitlines()[2:] == [
        "/** One night. */",
        "export interface Night {",
        '  state: "late" | "due";',
        "  rows?: number | null;",
        "  names: Array<Record<string, boolean>>;",
        "}",
    ]


def test_a_type_that_json_lacks_is_refused(monkeypatch):
    """Before a browser gets it as something else."""

    class Night(TypedDict):
        due: bytes

    monkeypatch.setattr(declarations, "MODULES", (type("module", (), {"Night": Night}),))
    with pytest.raises(TypeError, match="found <class 'bytes'> in an answer of the page"):
        declarations.render_declarations()
