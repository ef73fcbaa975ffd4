"""Is a learner's id or e-mail found however a file spells it, wherever it stands?"""

from __future__ import annotations

import io
import json

import pytest

from event_delivery.erasure import SoughtText
from event_delivery.errors import PermanentError

MAIL = "Ann.O'Neil+é@School.example"


def stands(text: str, content: bytes | str, block_bytes: int = 1 << 20) -> bool:
    data = content.encode() if isinstance(content, str) else content
    return SoughtText(text).stands_in(io.BytesIO(data), block_bytes)


@pytest.mark.parametrize(
    "text, content",
    [
        (MAIL, f'1,"{MAIL}",x\n'),
        (MAIL, MAIL.lower()),
        (MAIL, MAIL.upper()),
        (f" {MAIL}\n", MAIL),
        (MAIL, json.dumps({"user": MAIL})),
        (MAIL, json.dumps({"user": MAIL}).replace("\\u00e9", "\\u00E9")),
        (MAIL, json.dumps({"user": f"mail:\n{MAIL}"})),
        (MAIL, json.dumps({"user": f"\x01{MAIL}\x01"})),
        (MAIL, MAIL.replace("é", "e\u0301")),
        (MAIL.replace("é", "e\u0301"), MAIL),
        ("😀ann@x.org", json.dumps("😀ann@x.org")),
        ("ann@x.org", "Write to ann@x.org."),
        ("ann@x.org", "jo.ann@x.org"),
        ('"An\\n"@x.org', json.dumps('"An\\n"@x.org')),
        ('"An\\n"@x.org', '"{}"'.format('"An\\n"@x.org'.replace('"', '""'))),
        ('"An\\n"@x.org', '"{}"'.format(json.dumps('"An\\n"@x.org').replace('"', '""'))),
        ("a/b@x.org", '"a\\/b@x.org"'),
        ("61149b2c-3f37-5032-be63-f5d984de10b6", "61149B2C-3F37-5032-BE63-F5D984DE10B6"),
        ("0051x00000AbCdE", '"0051x00000AbCdE"'),
        ("12345", "1,12345,x"),
        ("12345", "12345"),
    ],
)
def test_it_is_found_however_it_is_spelled(text, content):
    """Plain, in capitals, quoted as CSV does, escaped as JSON does, and JSON within CSV."""
    assert stands(text, content)


@pytest.mark.parametrize(
    "text, content",
    [
        ("12345", "123456"),
        ("12345", "912345"),
        ("0051x00000AbCdE", "0051x00000aBcDe"),
        ("ann@x.org", "joann@x.org"),
        ("ann@x.org", "ann@x.organic"),
        ("ann@x.org", "ann@xxorg"),
        ("ann@x.org", ""),
    ],
)
def test_what_is_another_text_is_not_found(text, content):
    """A longer word, and an id of other capitals, are somebody else's."""
    assert not stands(text, content)


@pytest.mark.parametrize("block_bytes", [1, 7, 16, 33])
def test_it_is_found_across_the_borders_of_blocks(block_bytes):
    """Wherever it begins; and a longer word stays one, wherever it is cut."""
    for before in range(60):
        assert stands("ann@x.org", "." * before + "ann@x.org", block_bytes)
        assert stands("ann@x.org", "." * before + "\\nann@x.org" + "." * 60, block_bytes)
        assert not stands("ann@x.org", "." * before + "joann@x.org" + "." * 60, block_bytes)
        assert not stands("ann@x.org", "." * before + "ann@x.orgs" + "." * 60, block_bytes)


@pytest.mark.parametrize("text", ["", "  123 ", "x" * 1_001])
def test_a_text_that_would_be_found_everywhere_is_refused(text):
    """The message names the limits, and not the text."""
    with pytest.raises(PermanentError, match="wanted 4 to 1000|wanted 4 to"):
        SoughtText(text)


def test_it_does_not_show_itself():
    """What is logged of it by accident says nothing."""
    assert "ann" not in repr(SoughtText("ann@x.org"))
