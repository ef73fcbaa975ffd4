"""Is each mistake in a client's URL found at its place, and told without the secret?"""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from event_delivery.connection.url import find_misspelled, find_mistakes, names_port, strip_url
from tests.sftp_logins import CHARACTERS, PASSWORD


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sftp://acme:hun@ter2@h/in", "character 16: in the password, found '@', wanted %40"),
        ("sftp://acme:hun/ter2@h/in", "character 16: in the password, found '/', wanted %2F"),
        ("sftp://acme:hun#ter2@h/in", "character 16: in the password, found '#', wanted %23"),
        ("sftp://acme:hun?ter2@h/in", "character 16: in the password, found '?', wanted %3F"),
        ("sftp://acme:hun[ter2@h/in", "character 16: in the password, found '[', wanted %5B"),
        ("sftp://acme:hun%ter2@h/in", "found a '%' without two hexadecimal digits behind it, wanted %25"),
        ("sftp://acme:hunter2%0A@h/in", "found the code of a character that does not show"),
        ("sftp://acme:hun ter2@h/in", "found a space: take it out; if it belongs to the password, write %20"),
        ("sftp://acme:hun\nter2@h/in", "character 16: in the password, found a line break: take it out"),
        ("sftp://acme:hun\u00a0ter2@h/in", "found a character that does not show"),
        ("sftp://acme:hünter2@h/in", "character 14: in the password, found a character beyond ASCII"),
        ("sftp://ac/me:hunter2@h/in", "character 10: in the user, found '/', wanted %2F"),
        ("sftp://acme:hunter2@h /in", "in the host, found a space: take it out"),
        ("sftp://acme:hunter2@h/in box", "in the path, found a space"),
        ("sftp://acme:hunter2@h/in?key=x", "something follows the path"),
        ("sftp://acme:hunter2@h/in#2", "character 25: in the path, found '#': take it out with what follows"),
        ("sftp://acme:hun%FCter2@h/in", "in the password, found the code of a byte that is no UTF-8, wanted"),
        ("sftp://acme:hun%C3%BC%FC%FCter2@h/in", "character 16: in the password, found the code of a byte"),
        ("sftp://acme:hunter2@2001:db8::1:22/in", "an IPv6 address in brackets, such as [2001:db8::1]:22"),
        ("sftp://acme:hunter2@::1/in", "an IPv6 address in brackets"),
        ("sftp://acme:hunter2@[::1/in", "an IPv6 address in brackets"),
        ("sftp://acme:hunter2@h:22:/in", "several ':' stand behind the last '@'"),
        ("sftp://acme:hunter2@https://h/in", "a second '://' stands behind the last '@'"),
        ("sftp://acme:hunter2@h:99999/in", "is no port: wanted a number from 1 to 65535"),
        ("sftp://acme:hunter2@h:ssh/in", "is no port"),
        ("sftp://acme:hunter2@/in", "there is no host"),
        ("sftp://acme:hunter2@-o/in", "is no host name"),
        ("sftp://acme@h/in", "there is no password"),
        ("sftp://acme:@h/in", "there is no password"),
        ("sftp://:hunter2@h/in", "there is no user"),
        ("sftp://h/in", "it names no user and no password"),
        ("ftps://acme:hunter2@h/in", "begins with ftps://, which is not SFTP"),
        ("https://acme:hunter2@h/in", "begins with https://, which is not SFTP"),
        ("acme:hunter2@h/in", "does not begin with sftp://"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_its_cure(url, said):
    """One sentence, and nothing else is blamed; no piece of the password stands in it."""
    [told] = find_mistakes(url)
    assert said in told
    assert "hun" not in told
    assert "ter2" not in told


@given(st.text(min_size=1), st.text(min_size=1))
def test_nothing_that_is_written_as_the_guide_says_is_a_mistake(user, password):
    """Every character may come, percent-encoded, but for what does not show in a line."""
    url = f"sftp://{_encode(user)}:{_encode(password)}@sftp.example.com:22/in/box"
    codes = [said for said in find_mistakes(url) if "the code of a character" not in said]
    assert codes == []


def test_the_promised_characters_are_no_mistake():
    """As the guide's table writes them."""
    assert find_mistakes(f"sftp://acme:{quote(PASSWORD + CHARACTERS, safe='')}@[::1]:2222/~/in") == []


@given(st.text())
def test_whatever_comes_is_told_and_not_repeated(text):
    """No text makes it fail."""
    assert find_mistakes(f"{text}@")
    find_misspelled(text)


def test_what_an_email_puts_around_a_url_is_left_out():
    """Spaces, line ends, brackets, quotes; never something within."""
    assert strip_url(" <sftp://a:b@h/>\r\n") == "sftp://a:b@h/"
    assert strip_url('"sftp://a:b@h/"\u200b') == "sftp://a:b@h/"


def test_a_port_is_named_or_not():
    """Without one it is 22, whatever an address of IPv6 holds."""
    assert names_port("sftp://a:b:2@[::1]:22/")
    assert not names_port("sftp://a:b:2@[::1]/")
    assert not names_port("sftp://a:22@h/x:22")


def _encode(text: str) -> str:
    return quote(text, safe="", errors="replace")
