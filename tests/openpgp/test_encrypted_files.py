"""Does the receiver's GnuPG get the events, whoever it is, and is a delivery encrypted once?"""

from __future__ import annotations

import gzip
import io
import json
import os
import signal
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from event_delivery.delivery import nightly_delivery
from event_delivery.erasure import SoughtText, search_files
from event_delivery.errors import PermanentError
from event_delivery.extract import extract_events
from event_delivery.formats import format_events, format_staged_events
from event_delivery.staging import read_manifest
from tests import PROJECT
from tests.formats.parquet_readers import read_by_duckdb
from tests.openpgp.conftest import encrypting
from tests.openpgp.gpg import open_key_ring
from tests.sample_events import DAY, insert_event, noon

EVENT, PASSPHRASE = "courseCompletion", "hunter2"


@pytest.fixture
def day(events_db, staging_area):
    """A day of three events."""
    for minute in range(3):
        insert_event(events_db, noon(DAY, minute), title=f"naïve, “{minute}”\n日本語")


@pytest.fixture
def known(connect, client, client_key, ours, our_key):
    """The client's key and ours, known to Airflow."""
    connect("openpgp_acme", public_key=client.export(client_key))
    connect("openpgp_us", PASSPHRASE, private_key=ours.export(our_key, True, PASSPHRASE))


def delivery_of(destination):
    """Return the delivery of the day."""
    return nightly_delivery(destination, EVENT, destination.day(DAY))


def make(destination):
    """Run extract and format; returns what is staged of the events, and the delivery file."""
    delivery = delivery_of(destination)
    staged = extract_events(delivery)
    return delivery, staged, format_staged_events(delivery)


def unzip(data: bytes) -> tuple[str, bytes]:
    """Return name and bytes of the one member."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        [name] = archive.namelist()
        return name, archive.read(name)


@pytest.mark.parametrize("armor", [False, True])
def test_an_erasure_request_says_what_it_cannot_look_into(day, known, armor):
    """A compressed file is searched; an encrypted one, whoever it may hold, is named."""
    delivery, staged, made = make(encrypting("openpgp_acme", armor=armor))
    search = search_files(SoughtText("naïve"))
    [found] = search.found
    assert (delivery.staged_name in found.names, delivery.file_name in found.names) == (True, False)
    assert [(made.path in each, "it is encrypted for the client" in each) for each in search.unread] == [
        (True, True)
    ]
    Path(staged.path).unlink()
    assert make(encrypting("openpgp_acme").model_copy(update={"encryption": None, "compression": "gzip"}))
    [found] = search_files(SoughtText("naïve")).found
    assert any(name.endswith(".json.gz") for name in found.names)


@pytest.mark.parametrize("format_name", ["csv", "json"])
@pytest.mark.parametrize("compression", ["none", "gzip", "zip"])
@pytest.mark.parametrize("armor", [False, True])
def test_gnupg_opens_what_was_packed(day, known, client, our_key, format_name, compression, armor):
    """The events as they were staged; the signature is good, and ours."""
    destination = encrypting(
        "openpgp_acme", sign_with="openpgp_us", armor=armor, format=format_name, compression=compression
    )
    delivery, staged, made = make(destination)
    wanted = Path(staged.path).read_bytes()
    opened = client.open(Path(made.path))
    assert f"VALIDSIG {our_key}" in opened.status
    plain = {"none": bytes, "gzip": gzip.decompress, "zip": lambda data: unzip(data)[1]}[compression](opened.data)
    assert plain == wanted
    ending = {"none": "", "gzip": ".gz", "zip": ".zip"}[compression] + (".asc" if armor else ".pgp")
    assert delivery.file_name.endswith(f".{format_name}{ending}")
    if compression == "zip":
        assert unzip(opened.data)[0] == delivery.file_name.removesuffix(ending)
    assert (made.plain_sha256, made.rows) == (staged.sha256, 3)
    assert Path(made.path).read_bytes().startswith(b"-----BEGIN PGP MESSAGE-----") is armor
    assert Path(made.path).stat().st_mode & 0o777 == 0o600


def test_gnupg_opens_a_parquet_file(day, known, client, tmp_path):
    """That DuckDB reads; run again it is the same one."""
    _, _, made = make(encrypting("openpgp_acme", format="parquet"))
    opened = tmp_path / "opened.parquet"
    opened.write_bytes(client.open(Path(made.path)).data)
    assert len(read_by_duckdb(opened)) == made.rows == 3
    assert made.path.endswith(".parquet.pgp")
    assert make(encrypting("openpgp_acme", format="parquet"))[2].sha256 == made.sha256


def test_every_recipient_opens_it_and_nobody_else(day, known, connect, client, ours, our_key):
    """A client and its auditor; not we, who have signed it."""
    with open_key_ring(client.program) as auditor:
        auditor.take(ours.export(our_key))
        connect("openpgp_auditor", public_key=auditor.export(auditor.make_key("auditor")))
        _, staged, made = make(encrypting("openpgp_acme", "openpgp_auditor", sign_with="openpgp_us"))
        for receiver in (client, auditor):
            assert receiver.open(Path(made.path)).data == Path(staged.path).read_bytes()
    with pytest.raises(subprocess.CalledProcessError):
        ours.open(Path(made.path))


def test_no_event_is_read_for_a_key_that_cannot_be_used(day, connect):
    """Nothing is staged either."""
    connect("openpgp_acme", public_key="no key")
    destination = encrypting("openpgp_acme")
    delivery = nightly_delivery(destination, EVENT, destination.day(DAY))
    with pytest.raises(PermanentError, match="no OpenPGP public key"):
        extract_events(delivery)
    with pytest.raises(PermanentError, match="is not there"):
        read_manifest(delivery, delivery.staged_name)


def test_a_delivery_is_encrypted_once(day, known, events_db):
    """Run again, the file is the one that is there; with other events it is another."""
    destination = encrypting("openpgp_acme", sign_with="openpgp_us")
    _, _, first = make(destination)
    inode = Path(first.path).stat().st_ino
    _, _, again = make(destination)
    assert (again.sha256, again.plain_sha256) == (first.sha256, first.plain_sha256)
    assert Path(again.path).stat().st_ino == inode
    insert_event(events_db, noon(DAY, 9))
    _, staged, other = make(destination)
    assert (other.sha256 != first.sha256, other.plain_sha256, other.rows) == (True, staged.sha256, 4)


def test_another_shape_or_key_is_encrypted_anew(day, known, connect, client):
    """A client that has lost its key gets the same day for its new one."""
    _, _, first = make(encrypting("openpgp_acme"))
    _, _, zipped = make(encrypting("openpgp_acme", file_name="{event}-{suffix}.x", compression="gzip"))
    _, _, signed = make(encrypting("openpgp_acme", sign_with="openpgp_us"))
    connect("openpgp_acme", public_key=client.export(client.make_key("new")))
    _, _, renewed = make(encrypting("openpgp_acme"))
    made = [first, zipped, signed, renewed]
    assert len({each.sha256 for each in made}) == 4
    assert len({each.plain_sha256 for each in made}) == 1


_KILLED = """
import os, sys
from pathlib import Path
import event_delivery.formats.packed as packed
from tests.openpgp.conftest import encrypting
from tests.openpgp.test_encrypted_files import make
encrypt = packed.encrypt_file
def die(*arguments):
    encrypt(*arguments)
    os.kill(os.getpid(), 9)
packed.encrypt_file = die
make(encrypting("openpgp_acme"))
"""


def test_after_a_kill_in_the_middle_nothing_half_is_there(day, known, client, staging_area):
    """Neither plain nor encrypted; the next try makes the whole file."""
    environment = os.environ | {"PYTHONPATH": f"{PROJECT}:{PROJECT / 'plugins'}"}
    killed = subprocess.run([sys.executable, "-c", _KILLED], env=environment, check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()[-2000:]
    [folder] = (staging_area / "acme").iterdir()
    left = {path.name: path.stat().st_size for path in folder.iterdir()}
    assert [size for name, size in left.items() if name.endswith(".part")] == [0], "begun, with nothing in it"
    staged_name = delivery_of(encrypting("openpgp_acme")).staged_name
    whole = {name for name in left if not name.endswith(".part")}
    assert whole == {staged_name, f"{staged_name}.manifest.json", "ids.jsonl"}
    _, staged, made = make(encrypting("openpgp_acme"))
    assert client.open(Path(made.path)).data == Path(staged.path).read_bytes()


def test_what_is_left_of_the_way_to_a_file_has_no_name(day, known, staging_area):
    """Compressed, in plain and encrypted: each lies in a file that nobody else can open."""
    delivery, _, made = make(encrypting("openpgp_acme", compression="zip"))
    folder = Path(made.path).parent
    names = {delivery.staged_name, delivery.file_name}
    manifests = {f"{name}.manifest.json" for name in names}
    assert {path.name for path in folder.iterdir()} == names | manifests | {"ids.jsonl"}


def test_a_quota_counts_for_what_is_packed_too(day, known, monkeypatch):
    """A huge day fills no disk on the way."""
    destination = encrypting("openpgp_acme", armor=True)
    delivery, staged, _ = make(destination)
    monkeypatch.setenv("EVENT_DELIVERY_STAGING_QUOTA", str(staged.bytes + 10))
    edited = encrypting("openpgp_acme", armor=True, compression="zip", sign_with="openpgp_us")
    with pytest.raises(PermanentError, match="the most that EVENT_DELIVERY_STAGING_QUOTA allows"):
        format_events(replace(delivery, destination=edited), staged)


def test_the_manifest_says_what_was_encrypted_and_holds_no_key(day, known):
    """Beside the file lies what its bytes were made of."""
    _, staged, made = make(encrypting("openpgp_acme"))
    text = Path(f"{made.path}.manifest.json").read_text()
    told = json.loads(text)
    assert (told["plain_sha256"], told["sha256"]) == (staged.sha256, made.sha256)
    assert "PGP" not in text
