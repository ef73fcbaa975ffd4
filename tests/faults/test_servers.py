"""Is the file delivered, or is the reason said plainly, whatever kind of server the client has?"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

import asyncssh
import pytest

from event_delivery.delivery import SEND_AGAIN
from event_delivery.limits import Limits
from event_delivery.upload import UnconfirmedError
from tests.faults.behaviour import Behaviour
from tests.faults.fault import FOR_EVER, Fault
from tests.faults.night import CONTENT, LIMITS, OLDER, TRIES, TWIN, Night, connect
from tests.sftp_logins import PASSWORD

pytestmark = pytest.mark.slow
HALF = len(CONTENT) // 2
FRIENDLY = Behaviour()
PATIENT = replace(LIMITS, rename_pauses=Limits().rename_pauses)


@dataclass(frozen=True)
class Kind:
    """A kind of server, the destination's fields for it, and whether it then gets the file."""

    words: str
    behaviour: Behaviour
    fields: dict[str, Any] = field(default_factory=dict)
    older: bytes = b""
    faults: tuple[Fault, ...] = ()
    says: str = ""  # empty: delivered by the first try
    atomic: bool = True

    def __str__(self) -> str:
        return f"{self.words} {' '.join(map(str, self.fields.values()))}".replace(" ", "-")

    @property
    def settings(self) -> str:
        """The destination's fields, for the table."""
        return ", ".join(f"{name}: {_yaml(value)}" for name, value in self.fields.items()) or "nothing set"


def _yaml(value: Any) -> str:
    return re.sub(r"['\"]", "", str(value).lower() if isinstance(value, bool) else str(value))


WINDOWS = Behaviour(ignores_case=True, locked_seconds=0.3)
REPLACES = Behaviour(posix_rename=False, replaces=True)
NO_RENAME = Behaviour(may_rename=False)
KEEPER = Behaviour(overwrites=False)
DROP_BOX = Behaviour(readable=False)
ROBOT = Behaviour(robot="[!.]*", robot_at=("rename",))
NO_OP, NO_OP_PLAIN = Behaviour(renames=False), Behaviour(renames=False, posix_rename=False)
LIAR = Behaviour(tells_missing=True)
GREEDY = Behaviour(robot="*", robot_at=("close",))
PICKY = Behaviour(refused_names=".*")
FULL = Behaviour(disk_bytes=HALF)
GATEWAY = (Fault("*stat", "size long", times=FOR_EVER, path="*json*"),)
DIRECT = {"upload_mode": "direct"}
KINDS = [
    Kind("no posix-rename", Behaviour(posix_rename=False)),
    Kind("no posix-rename, an older file", Behaviour(posix_rename=False), older=OLDER),
    Kind("no posix-rename, rename replaces an older file", REPLACES, older=OLDER),
    Kind("writes of more than 32 KiB", Behaviour(limits=True)),
    Kind("no fsync", Behaviour(fsync=False)),
    Kind("nobody may rename", NO_RENAME, says="renaming: permission denied"),
    Kind("nobody may rename", NO_RENAME, DIRECT, atomic=False),
    Kind("nobody may overwrite or remove", KEEPER),
    Kind("nobody may overwrite or remove, an older file", KEEPER, older=OLDER, says="an older file lies there"),
    Kind("a drop box that shows nothing", DROP_BOX),
    Kind("a drop box that shows nothing, an older file", DROP_BOX, older=OLDER),
    Kind("a drop box that shows nothing", DROP_BOX, DIRECT, atomic=False),
    Kind("a robot takes the file at once", ROBOT, says="said OK, and .* is gone"),
    Kind("a robot takes the file at once", ROBOT, {"robot": True}),
    Kind("a robot takes whatever is closed", GREEDY, says="took .* before it had its final name"),
    Kind("a robot takes whatever is closed", GREEDY, DIRECT, says="said OK, and .* is gone", atomic=False),
    Kind("a robot takes whatever is closed", GREEDY, DIRECT | {"robot": True}, atomic=False),
    Kind("files are discarded after CLOSE", Behaviour(discards="*"), says="took .* before it had its final name"),
    Kind("files are discarded after CLOSE", Behaviour(discards="*"), DIRECT, says="is gone", atomic=False),
    Kind("a rename does nothing", Behaviour(renames=False), says="answered OK to the rename and did nothing"),
    Kind("a rename does nothing, an older file", Behaviour(renames=False), older=OLDER, says="did nothing"),
    Kind("a rename does nothing, an older file of as many bytes", NO_OP, older=TWIN, says="did nothing"),
    Kind("a rename does nothing, no posix-rename", NO_OP_PLAIN, says="did nothing"),
    Kind("a rename does nothing", Behaviour(renames=False), DIRECT, atomic=False),
    Kind("stat says of every file that it is missing", LIAR),
    Kind("stat says of every file that it is missing", LIAR, DIRECT, atomic=False),
    Kind("names with a dot before are refused", PICKY, says="opening: permission denied"),
    Kind("names with a dot before are refused", PICKY, {"temporary_name": {"suffix": ".tmp"}}),
    Kind("names with a dot before are refused", PICKY, DIRECT, atomic=False),
    Kind("the folder is missing", FRIENDLY, {"path": "/inbox"}, says="the folder does not exist"),
    Kind("the folder is missing", FRIENDLY, {"path": "/inbox", "create_folder": True}),
    Kind(
        "the folder is missing, nobody may make one",
        Behaviour(folders_appear=False),
        {"path": "/inbox", "create_folder": True},
        says="permission denied",
    ),
    Kind("Windows: case does not count, a scanner holds new files", WINDOWS),
    Kind("the disk is full", FULL, says="no space"),
    Kind("the disk is full, an older file", FULL, older=OLDER, says="no space"),
    Kind("the quota shows at CLOSE", Behaviour(quota_at_close=True), says="closing: quota"),
    Kind("no writes above 16 KiB", Behaviour(max_write=16_384), says="too large"),
    Kind("files change on their way", FRIENDLY, faults=GATEWAY, says="bytes arrived, wanted"),
    Kind("files change on their way", FRIENDLY, {"check_size": False}, faults=GATEWAY),
    Kind("sizes are hidden", FRIENDLY, faults=(Fault("stat", "size hidden", times=FOR_EVER, path="*json*"),)),
    Kind("keyboard-interactive logins only", Behaviour(methods=("keyboard-interactive",))),
    Kind("an expired password", Behaviour(password_expired=True), says="has expired"),
    Kind("another password", Behaviour(password="changed"), says="refuses the login"),
    Kind("old algorithms only", Behaviour(old_algorithms=True), says="legacy_algorithms: true|Connection lost"),
    Kind("old algorithms only", Behaviour(old_algorithms=True), {"legacy_algorithms": True}),
]


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_every_kind_of_server_gets_the_file_or_says_why_not(faulty_server, note, monkeypatch, kind: Kind):
    """Delivered by the first try; or each try fails with the reason, and once it is gone the next one delivers."""
    faulty_server.reset(kind.behaviour)
    connect(monkeypatch, faulty_server)
    faulty_server.script.set(*kind.faults)
    night = Night(faulty_server, kind.fields, older=kind.older)
    with night.watched(kind.atomic):
        night.attempt(PATIENT if kind.behaviour.locked_seconds else LIMITS)
        while "Connection lost" in str(night.attempts[0].error):  # both ends hung up, the reason was lost with it
            night = Night(faulty_server, kind.fields, older=kind.older)
            night.attempt()
        if not kind.says:
            night.retry()
            assert len(night.attempts) == 1
        else:
            _fail_until_mended(night, kind)
    if kind.says and night.attempts[-1].error:  # mended by hand: nothing can
        return
    note("kinds of servers", kind.settings, kind.words, night)


def _fail_until_mended(night: Night, kind: Kind) -> None:
    night.attempt()
    for attempt in night.attempts:
        assert re.search(kind.says, str(attempt.error)), str(attempt.error)
    server = night.server
    if kind.older:
        assert server.files()[night.name] == kind.older
    if not kind.behaviour.robot and kind.behaviour.overwrites:
        assert set(server.files()) <= {night.name}
    if kind.behaviour.robot:  # what it took, it took: no second copy in all eleven tries
        while len(night.attempts) < TRIES:
            night.attempt()
        assert len(server.copies()) == 1
        return
    if isinstance(night.attempts[-1].error, UnconfirmedError):  # retries ask again, and send nothing
        assert "write" not in [operation.name for operation in night.attempts[-1].operations]
        night.decision = SEND_AGAIN
    server.behaviour = FRIENDLY
    server.script.set()
    (server.folder / "inbox").mkdir(exist_ok=True)
    night.retry()
    assert len(night.attempts) == 3


def test_the_test_file_finds_out_that_nobody_may_rename(faulty_server):
    """With upload_mode auto the test file finds the mode, and the nights use it without any setting."""
    faulty_server.reset(NO_RENAME)
    first = Night(faulty_server, test_file=True)
    first.attempt()
    first.check_delivered()
    (faulty_server.folder / first.name).unlink()
    night = Night(faulty_server, identifier=first.identifier)
    night.attempt()
    assert night.attempts[0].error is None
    assert faulty_server.files() == {night.name: CONTENT}
    assert "posix_rename" not in night.attempts[0].names


def test_a_wrong_password_is_offered_once_a_try(faulty_server, monkeypatch):
    """Eleven passwords in eleven tries, and the corrected Connection delivers."""
    connect(monkeypatch, faulty_server, password="wr0ng-secret")
    night = Night(faulty_server)
    for _ in range(TRIES - 1):
        assert night.attempt().passwords == 1
    connect(monkeypatch, faulty_server)
    night.retry()
    assert all("wr0ng" not in str(attempt.error) for attempt in night.attempts)


def test_another_host_key_gets_no_password(faulty_server, monkeypatch):
    """A server that shows another key than before is not believed, and not told the password."""
    first = Night(faulty_server)
    first.attempt()
    faulty_server.change_host_key()
    faulty_server.reset()
    night = Night(faulty_server)
    for _ in range(3):
        attempt = night.attempt()
        assert "another host key" in str(attempt.error)
        assert attempt.passwords == 0
    connect(monkeypatch, faulty_server)
    night.retry()


def test_a_key_and_a_password_together_let_us_in(faulty_server, monkeypatch):
    """Some servers want both, one after the other."""
    import json

    key = asyncssh.generate_private_key("ssh-ed25519")
    faulty_server.reset(Behaviour(methods=("publickey", "password"), public_key=key))
    private = key.export_private_key().decode()
    fields = {"conn_type": "sftp", "host": "127.0.0.1", "port": faulty_server.port, "login": "acme"}
    secrets = {"password": PASSWORD, "extra": {"private_key": private, "host_key": faulty_server.host_key()}}
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_FAULTS", json.dumps(fields | secrets))
    night = Night(faulty_server)
    assert night.attempt().passwords == 1
    night.check_delivered()
