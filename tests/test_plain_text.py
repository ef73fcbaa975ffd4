"""Does nothing that others wrote drive a terminal, hide or turn round in what we show?"""

from __future__ import annotations

import json

import asyncssh
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from event_delivery.database import explain_database
from event_delivery.errors import DeliveryError, PermanentError
from event_delivery.page.answers.table import render_overview
from event_delivery.plain_text import escape_json, is_plain, make_plain
from event_delivery.sftp.explain import Place, explain_transfer
from event_delivery.sftp.server import Server

ESCAPES = [
    "\x1b[31m",
    "\x9b31m",
    "\x07",
    "\r",
    "\n",
    "\x7f",
    "\u202e",
    "\u2066",
    "\u200b",
    "\u2028",
    "\ufeff",
    "\u00ad",
]


@pytest.mark.parametrize("escape", ESCAPES)
def test_what_does_not_show_is_a_space(escape):
    """Control, format and separator characters, whatever alphabet the rest is of."""
    assert not is_plain(f"a{escape}b")
    assert make_plain(f"Größe{escape}b") == f"Größe {escape[1:]}b"


@pytest.mark.parametrize(
    "text", ["Größe & Söhne", "日本語", "\u0645\u06cc\u200c\u062e", "a\u00a0b", "क्\u200dष", "🙂"]
)
def test_what_shows_is_left_alone(text):
    """Joiners are part of some scripts."""
    assert is_plain(text)
    assert make_plain(text) == text


def test_what_is_too_long_ends_with_dots():
    """The length holds with them."""
    assert make_plain("x" * 11, 10) == "xxxxxxx..."
    assert make_plain("x" * 10, 10) == "x" * 10


@given(st.text())
def test_json_means_the_same(text):
    """A script reads what it read before, and a terminal gets no control character."""
    shown = escape_json(json.dumps({"a": text}, ensure_ascii=False))
    assert json.loads(shown) == {"a": text}
    assert is_plain(shown)


@pytest.mark.parametrize("escape", ESCAPES)
def test_no_sentence_of_a_failure_holds_what_does_not_show(escape):
    """Its words may be a server's, a database's or an older ledger's."""
    server = Server(host="files.example", port=22, user="acme", folder="/in")
    said = [
        PermanentError(f"found {escape}"),
        DeliveryError(),
        explain_transfer(asyncssh.SFTPFailure(f"a{escape}b"), Place(server, f"/in/{escape}, sending")),
        explain_database(psycopg.OperationalError(f"a{escape}b"), "ledger_db"),
    ]
    assert all(str(each).isprintable() for each in said)


@pytest.mark.parametrize("escape", ESCAPES)
def test_the_table_of_a_terminal_holds_nothing_that_does_not_show(escape):
    """ESC in a name or a recorded reason would colour, clear or rewrite what stands there."""
    cell = {
        "day": "2026-01-31",
        "event": f"course{escape}",
        "state": "failed",
        "error": f"a{escape}b",
        "attempt": 1,
    }
    row = {
        "id": f"acme{escape}",
        "client": f"Acme{escape}",
        "cells": [cell],
        "worst": "failed",
        "quarantined": None,
    }
    overview = {
        "destinations": [row], "counts": {"failed": 1}, "limits": {"attempts": 11}, "ledger_notice": f"x{escape}",
        "from": "2026-01-31", "to": "2026-01-31",
    }  # fmt: skip
    assert all(line.isprintable() for line in render_overview(overview).split("\n"))
    assert len(render_overview(overview).split("\n")) == 5
