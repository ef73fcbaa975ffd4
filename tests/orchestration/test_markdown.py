"""Does a text that others wrote stay text where Airflow renders Markdown?"""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from event_delivery.destinations import Destination, QuarantinedDestination
from event_delivery.orchestration.guide import (
    describe_nightly,
    describe_quarantine,
    describe_quarantined,
    describe_test_file,
)
from event_delivery.orchestration.markdown import show_block, show_code, show_text
from event_delivery.orchestration.outcome import Outcome
from tests.sample_events import COMPANY

# Airflow 3.3's UI: react-markdown with remark-gfm, which looks for these in text whatever was escaped in it.
LINKED = [
    re.compile(r"(https?:\/\/|www(?=\.))([-.\w]+)([^ \t\r\n]*)", re.IGNORECASE),
    re.compile(r"([-.\w+]+)@([-\w]+(?:\.[-\w]+)+)"),
]
HOSTILE = [
    "![x](https://evil.example/x.png)",
    "![x][y]",
    "[Click here](https://evil.example)",
    "https://evil.example/a",
    "HTTP://evil.example",
    "www.evil.example",
    "Www.evil.example",
    "(www.evil.example)",
    "mail@evil.example",
    "<https://evil.example>",
    "<img src=https://evil.example/x.png>",
    "<script>alert(1)</script>",
    "&lt;b&gt;",
    "*bold* _slanted_ ~~gone~~ `code`",
    "```",
    "`` ` ``",
    "``` ![x](y)",
    "a` ![x](https://evil.example/x.png) `b",
    "\\`![x](y)",
    "| a | b |",
    "# Heading",
    "> quote",
    "[^1]",
    "$x$",
    " Acme ",
    "x\n\n![x](https://evil.example/x.png)",
    "x\r![x](y)",
    "x\u2028![x](y)",
    "`",
    "``",
    " ` ",
]
FEW = ("heading", "paragraph", "inline", "strong", "table", "thead", "tbody", "tr", "th", "td", "fence", "em")


def list_tokens(text: str) -> list:
    """Return what a renderer of GitHub's Markdown makes of a text."""
    tokens = MarkdownIt("gfm-like", {"html": True}).parse(text)
    return [*tokens, *(child for token in tokens for child in token.children or [])]


def assert_only_text(text: str, *, own: tuple[str, ...] = ()) -> None:
    """Assert that a text makes no image, link or HTML, not even by remark-gfm's way of finding addresses."""
    for token in list_tokens(text):
        kind = re.sub(r"_(open|close)$", "", token.type)
        assert kind in {"text", "code_inline", "softbreak", "paragraph", "inline", *own}, (token, text)
        if kind == "text":
            assert not any(pattern.search(token.content) for pattern in LINKED), (token, text)


def read_code(text: str) -> list[str]:
    """Return the contents of a text's code."""
    return [token.content for token in list_tokens(text) if token.type in ("code_inline", "fence")]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_stays_text(hostile):
    """No image, link, HTML or emphasis comes of it, wherever it stands."""
    for shown in (show_text(hostile), show_code(hostile)):
        assert_only_text(f"before {shown} behind")
        assert_only_text(shown)
        assert_only_text(f"### {shown}: events", own=("heading",))
    assert_only_text(f"before\n\n{show_block(hostile)}\n\nbehind", own=("fence",))


@pytest.mark.parametrize("name", ["Acme University", "Größe & Söhne", "O'Neil, Ltd. (EU)", "日本語", "T-1000"])
def test_an_ordinary_name_is_shown_as_it_is(name):
    """Nobody reads code where a name would do."""
    assert show_text(name) == name
    assert_only_text(show_text(name))


@settings(max_examples=500, deadline=None, database=None)
@given(st.text(alphabet=st.sampled_from("`!\\[]()<>:/@.w &;*_~|#\n ax\u202e"), max_size=24))
def test_whatever_is_shown_reads_as_it_was_written(text):
    """In code stand the very characters, but for those that do not show."""
    line = "".join(" " if character in "\n\u202e" else character for character in text)
    assert_only_text(f"a {show_text(text)} b")
    if line.strip():
        assert read_code(f"a {show_code(text)} b") == [line]
    assert read_code(show_block(text))[0].rstrip("\n") == line


@pytest.mark.parametrize("hostile", [text for text in HOSTILE if text.isprintable() and text.strip()])
def test_what_airflow_renders_of_a_destination_holds_only_our_markup(hostile):
    """The DAGs' documentation, and the notes of their runs."""
    acme = Destination(id="acme", client=hostile, company_id=COMPANY)
    quarantined = QuarantinedDestination("acme", hostile)
    texts = [describe_nightly(acme), describe_test_file(acme), describe_quarantined(quarantined)]
    texts += [describe_quarantine([QuarantinedDestination(hostile, "x")])]
    texts += [Outcome((hostile,), (hostile,), (hostile,)).describe()]
    for text in texts:
        assert_only_text(text, own=FEW)
        assert len([token for token in list_tokens(text) if token.type == "heading_open"]) <= 1
