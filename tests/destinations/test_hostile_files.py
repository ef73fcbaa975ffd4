"""Can one file, whatever it is, holds or is called, harm another's night?"""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from event_delivery.destinations.cache import read_destinations
from event_delivery.destinations.destination import DESTINATION_ID, Destination
from event_delivery.destinations.folder import load_destination, load_destinations
from event_delivery.destinations.pairs import read_pairs
from event_delivery.destinations.quarantined import LONGEST_MESSAGE, QuarantinedDestination
from event_delivery.errors import PermanentError
from event_delivery.extract.sample_file import read_sample
from event_delivery.page.sources.setup import read_setup
from tests.destinations.fuzz import find_harm, fuzz, prepare_folder
from tests.destinations.mutation import write_mutated

REQUIRED = "client: Acme\ncompany_id: 3aabdfb8-3891-5011-ad35-8e2351c5fdaf\n"
LIST_BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGE_BOMB = "a: &a {k: v}\n" + "".join(
    f"{name}: &{name} {{<<: [{','.join([f'*{before}'] * 9)}]}}\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
HOSTILE = {
    "40,000 brackets": "client: " + "[" * 40_000,
    "20,000 brackets": "client: " + "[" * 20_000,
    "braces": "client: " + "{a: " * 15_000,
    "nested lists": "- " * 30_000,
    "nested keys": "? " * 30_000,
    "a list as event type": REQUIRED + "events: [[courseCompletion]]\n",
    "a list as key": "? [a]: b\n: c\n",
    "a mapping as key": "? {a: b}\n: c\n",
    "aliases": LIST_BOMB,
    "merges": MERGE_BOMB,
    "itself": "client: &a [*a]\n",
    "too many values": "client: [" + "x," * 30_000 + "]",
    "too many fields": "".join(f"field_{number}: x\n" for number in range(5_000)),
    "an object of Python": "client: !!python/object/apply:os.system [id]\n",
    "a date that is none": "client: !!timestamp x\n",
    "a number that is none": "client: !!int '_'\n",
    "a number too long": REQUIRED + "transfer_id: " + "9" * 5_000 + "\n",
    "bytes": "client: \xff",
    "too large": "client: " + "x" * 70_000,
    "a field with a long name": "x" * 60_000 + ": y\n",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one right destination, `neighbour`."""
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(tmp_path / "destinations"))
    (tmp_path / "destinations").mkdir()
    prepare_folder(tmp_path / "destinations")
    return tmp_path / "destinations"


def load_beside_neighbour(folder: Path) -> QuarantinedDestination:
    """Return the one destination that is not the neighbour, who must be unharmed; by every way of reading."""
    for loaded in (load_destinations(folder), read_destinations()):
        [other] = [each for each in loaded if each.id != "neighbour"]
        assert [type(each) for each in loaded if each.id == "neighbour"] == [Destination]
        assert isinstance(other, QuarantinedDestination)
        assert 0 < len(other.message) <= LONGEST_MESSAGE
        assert other.message.isprintable()
    read_setup(other)
    return other


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_quarantined_and_harms_nobody(folder, name):
    """Depth, number, aliases, tags and size are limited before the loader sees them."""
    (folder / "acme.yaml").write_text(HOSTILE[name], encoding="latin-1")
    other = load_beside_neighbour(folder)
    assert other.id == "acme"
    assert other.message.startswith("acme.yaml: ")
    assert load_destination("acme", folder) == other


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_defaults_quarantine_and_raise_nothing(folder, name):
    """The defaults are read by the same guard; the message names them."""
    (folder / "_defaults.yaml").write_text(HOSTILE[name], encoding="latin-1")
    (folder / "acme.yaml").write_text(REQUIRED + "events: [courseCompletion]\ntransfer_id: 1\n")
    assert {each.id for each in load_destinations(folder)} == {"acme", "neighbour"}
    for each in load_destinations(folder):
        assert isinstance(each, Destination) or "_defaults.yaml" in each.message


def test_an_anchor_is_refused_in_words(folder):
    """Whoever wrote it for convenience learns what to do instead."""
    (folder / "acme.yaml").write_text("client: &c Acme\ncompany_id: *c\n")
    message = "acme.yaml: line 1, column 9: found an anchor or alias (`&` or `*`), wanted each value written out"
    assert load_beside_neighbour(folder).message == message


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(path))


SPECIAL = {
    "pipe": (make_pipe, "found a named pipe, wanted a regular file"),
    "folder": (Path.mkdir, "found a folder, wanted a regular file"),
    "zeros": (lambda path: path.symlink_to("/dev/zero"), "found a device, wanted a regular file"),
    "dangling": (lambda path: path.symlink_to("nowhere"), "cannot be read (No such file or directory)"),
    "circle": (lambda path: path.symlink_to(path), "cannot be read (Too many levels of symbolic links)"),
    "socket": (make_socket, "found a socket, wanted a regular file"),
}


@pytest.mark.parametrize("kind", SPECIAL)
@pytest.mark.parametrize("name", ["acme.yaml", "_defaults.yaml"])
def test_what_is_no_regular_file_is_quarantined_at_once(folder, monkeypatch, kind, name):
    """A pipe would make its reader wait for ever, a device would never end; a dangling link is no missing file."""
    monkeypatch.chdir(folder)  # the name of a socket may have 107 bytes
    make, wanted = SPECIAL[kind]
    make(Path(name))
    (folder / "acme.yaml").exists() or name == "acme.yaml" or (folder / "acme.yaml").write_text(REQUIRED)
    loaded: list = []
    reader = threading.Thread(target=lambda: loaded.extend(load_destinations(folder)), daemon=True)
    reader.start()
    reader.join(60)
    assert not reader.is_alive()
    messages = {each.id: getattr(each, "message", None) for each in loaded}
    assert messages["acme"] == f"{name}: {wanted}"
    assert name == "_defaults.yaml" or messages["neighbour"] is None


def test_a_link_to_a_regular_file_is_followed(folder, tmp_path):
    """Kubernetes and git-sync publish files by links."""
    (tmp_path / "..data").mkdir()
    (tmp_path / "..data" / "acme.yaml").write_text(REQUIRED)
    (folder / "acme.yaml").symlink_to(tmp_path / "..data" / "acme.yaml")
    assert all(isinstance(each, Destination) for each in load_destinations(folder))


def test_a_wrong_name_never_takes_a_right_ones_id(folder):
    """`acme prod.yaml` is a mistake of its own: acme_prod delivers."""
    for name in ("acme prod", "acme+prod", "acme_prod", "x" * 200, "évil", "\x1b[31m"):
        (folder / f"{name}.yaml").write_text(REQUIRED.replace("Acme", "Acme 2"))
    (folder / os.fsdecode(b"\xff.yaml")).write_text(REQUIRED)
    loaded = {each.id: each for each in load_destinations(folder)}
    assert len(loaded) == 8
    assert isinstance(loaded["acme_prod"], Destination)
    for identifier, each in loaded.items():
        if isinstance(each, QuarantinedDestination):
            assert not DESTINATION_ID.fullmatch(identifier)
            assert identifier.replace(".", "").replace("_", "").isascii()
            assert len(identifier) <= 100
            assert each.message.isprintable()


def test_a_folder_that_cannot_be_read_is_told(tmp_path):
    """A mount that failed must not pass for a night without clients."""
    (tmp_path / "link").symlink_to("nowhere")
    [told] = load_destinations(tmp_path / "link")
    assert isinstance(told, QuarantinedDestination)
    assert "link, cannot be read (No such file or directory): nothing is delivered" in told.message
    (tmp_path / "file").write_text("")
    [told] = load_destinations(tmp_path / "file")
    assert "cannot be read (Not a directory)" in told.message


def test_the_page_sees_a_folder_that_is_there_again(tmp_path, monkeypatch):
    """What is kept of an unreadable folder does not outlive it."""
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(tmp_path / "late"))
    (tmp_path / "late").symlink_to("folder")
    assert len(read_destinations()) == 1
    (tmp_path / "folder").mkdir()
    assert read_destinations() == []


def test_a_statement_that_is_no_regular_file_costs_its_own_event_type_only(include):
    """The pairs of include/ are read by the same guard."""
    os.mkfifo(include / "sql" / "course_started.sql")
    (include / "samples" / "course_started.json").write_text("{}")
    pairs, problems = read_pairs(include)
    assert [name for name, *_ in pairs] == ["courseCompletion"]
    assert "include/sql/course_started.sql cannot be read: found a named pipe" in problems["courseStarted"]


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "9" * 10_000, "[" + "1," * 800_000 + "1]"])
def test_a_hostile_sample_is_a_plain_error(tmp_path, text):
    """Depth and size of a sample are limited too."""
    (tmp_path / "sample.json").write_text(text)
    with pytest.raises(PermanentError, match=r"include/samples/sample.json"):
        read_sample(tmp_path / "sample.json")


def test_a_thousand_mutated_files_harm_nobody():
    """The same as the soak `python -m tests.destinations.fuzz 1000000`: no crash, no exception, no harm."""
    outcome = fuzz(0, 1_000)
    assert (outcome.files, outcome.crashes, outcome.harms) == (1_000, [], 0)


def test_the_fuzzer_sees_harm_and_crashes(tmp_path, monkeypatch):
    """A crash of the reader is counted, and the files behind it are still read."""
    prepare_folder(tmp_path)
    write_mutated(tmp_path, 1)
    monkeypatch.setattr("tests.destinations.fuzz.load_destinations", lambda folder: load_destinations(folder)[:1])
    assert "found ['acme']" in (find_harm(tmp_path, 1) or "")
    monkeypatch.setattr(
        "tests.destinations.fuzz.load_destinations",
        lambda folder: os._exit(3) if b"!!" in (folder / "acme.yaml").read_bytes() else load_destinations(folder),
    )
    outcome = fuzz(0, 200)
    assert outcome.files == 200
    assert outcome.crashes
    assert outcome.harms == 0


@settings(max_examples=300, deadline=None, database=None)
@given(st.text(max_size=300))
def test_no_text_escapes(tmp_path_factory, text):
    """Whatever stands in a file, and in the defaults, is a destination or a quarantined one."""
    folder = tmp_path_factory.getbasetemp() / "texts"
    folder.mkdir(exist_ok=True)
    for name in ("acme.yaml", "_defaults.yaml"):
        (folder / name).write_bytes(text.encode("utf-8", "surrogatepass"))
    [acme] = load_destinations(folder)
    assert acme.id == "acme"
