"""Does a file that goes over several channels at once arrive whole, or not at all?"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, replace
from pathlib import Path

import asyncssh
import pytest

from event_delivery.delivery import Delivery
from event_delivery.errors import DeliveryError, RetryableError
from event_delivery.limits import Limits
from event_delivery.sftp import RemoteFiles
from event_delivery.sftp.blocks import Blocks
from event_delivery.sftp.lanes import BESIDE, Lane, Lanes
from event_delivery.staging import stage_file, write_manifest
from event_delivery.upload import UploadRun, deliver_file, writing
from tests.ledger_contents import read_record
from tests.servers.openssh import OWN_USER, start_for_own_user
from tests.servers.server import Server

SIZE = 12_000_000
CARRY = Blocks.carry

pytestmark = pytest.mark.usefixtures("events_db", "staging_area")


@pytest.fixture(scope="module")
def openssh(tmp_path_factory, give_up):
    """OpenSSH's own server."""
    if lack := OWN_USER.find_lack():
        give_up(lack)
    server = OWN_USER.start(tmp_path_factory.mktemp("openssh") / "site")
    yield server
    server.stop()


@pytest.fixture
def folder(openssh: Server, monkeypatch) -> Path:
    """Where files arrive at that server, known to Airflow as `sftp_acme`, which seems far away."""
    for left in openssh.folder.iterdir():
        left.unlink()
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", openssh.connection)
    monkeypatch.setattr(writing, "FAR_SECONDS", 0.0)
    return openssh.folder


@pytest.fixture
def content(delivery: Delivery, staging_area) -> bytes:
    """A large delivery file, staged, no part of which is like another."""
    content = os.urandom(SIZE)
    with stage_file(delivery, delivery.file_name) as file:
        file.write(content)
    write_manifest(delivery, delivery.file_name, file.manifest(rows=1))
    return content


@pytest.fixture
def opened(monkeypatch) -> list[Lanes]:
    """The further channels that were opened or refused; while there are none, the first one carries nothing."""
    answered: list[Lanes] = []
    open_really, carry_really = Lanes.open, Blocks.carry

    async def open_noted(lanes):
        lane = await open_really(lanes)
        answered.append(lanes)
        return lane

    async def carry_late(blocks, file):
        while len(answered) < BESIDE:
            await asyncio.sleep(0.01)
        await carry_really(blocks, file)

    monkeypatch.setattr(Lanes, "open", open_noted)
    monkeypatch.setattr(Blocks, "carry", carry_late)
    return answered


def deliver(delivery, log, retrying=False, **values):
    run = UploadRun("nightly_sftp_events__acme", "run", retrying, **values)
    return deliver_file(delivery, run, log, Limits(clean_up=2.0))


def see(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@dataclass
class Broken:
    """The file of a further channel, whose server fails at writing as `fails` does."""

    file: asyncssh.SFTPClientFile
    fails: str

    async def write(self, block, offset):
        if self.fails == "refuses":
            raise asyncssh.SFTPFailure("no")
        if self.fails == "loses":
            return len(block)
        return await self.file.write(block, offset)

    async def close(self):
        if self.fails == "close":
            raise asyncssh.SFTPFailure("input/output error")
        await self.file.close()


def break_lanes(monkeypatch, fails):
    really = Lanes.open

    async def open_broken(lanes):
        lane = await really(lanes)
        return replace(lane, file=Broken(lane.file, fails))

    monkeypatch.setattr(Lanes, "open", open_broken)


def test_a_large_file_goes_over_several_channels_and_arrives_whole(delivery, content, folder, opened, log):
    """Byte for byte, and nothing else lies there; the ledger says delivered."""
    deliver(delivery, log)
    assert see(folder) == {delivery.file_name: content}
    assert opened
    assert opened[0].written, "nothing went over the further channels"
    assert read_record(delivery)["state"] == "delivered"


def test_a_server_of_one_channel_gets_it_over_that(delivery, content, tmp_path, opened, log, monkeypatch):
    """`MaxSessions 1` refuses all others."""
    server = start_for_own_user(tmp_path / "one", "internal-sftp\nMaxSessions 1")
    try:
        monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", server.connection)
        monkeypatch.setattr(writing, "FAR_SECONDS", 0.0)
        deliver(delivery, log)
        assert see(server.folder) == {delivery.file_name: content}
        assert (len(opened), opened[0].written) == (BESIDE, [])
    finally:
        server.stop()


def test_what_a_further_channel_refuses_goes_over_the_first(delivery, content, folder, opened, log, monkeypatch):
    """And the file is whole."""
    break_lanes(monkeypatch, "refuses")
    deliver(delivery, log)
    assert see(folder) == {delivery.file_name: content}


def test_what_a_further_channel_lost_is_found_out_and_the_next_try_takes_one(
    delivery, content, folder, opened, log, monkeypatch
):
    """The server said OK to all, and the size is right: a hole all the same, which no client may get."""
    break_lanes(monkeypatch, "loses")
    with pytest.raises(RetryableError, match="not all in the file"):
        deliver(delivery, log)
    assert see(folder) == {}
    assert read_record(delivery)["step"] == "sending"
    monkeypatch.setattr(Blocks, "carry", CARRY)
    deliver(delivery, log, retrying=True, try_number=2)
    assert see(folder) == {delivery.file_name: content}


def test_a_further_channel_that_cannot_close_fails_the_try(delivery, content, folder, opened, log, monkeypatch):
    """Some file systems say at CLOSE that they lost what they were given."""
    break_lanes(monkeypatch, "close")
    with pytest.raises(DeliveryError, match="input/output error"):
        deliver(delivery, log)
    assert see(folder) == {}
    monkeypatch.setattr(Blocks, "carry", CARRY)
    deliver(delivery, log, retrying=True, try_number=2)
    assert see(folder) == {delivery.file_name: content}


def test_a_file_with_holes_that_a_killed_attempt_left_is_never_taken_for_whole(
    delivery, content, folder, opened, log, monkeypatch
):
    """Its size is right, and it was closed: until it was looked at, the ledger says that it is being sent."""

    async def lose_line(lanes, offsets):
        left = folder / Path(lanes.path).name
        assert left.stat().st_size == SIZE
        raise asyncssh.ConnectionLost("gone")

    monkeypatch.setattr(Lanes, "read_samples", lose_line)
    with pytest.raises(RetryableError):
        deliver(delivery, log)
    record = read_record(delivery)
    assert (record["state"], record["step"]) == ("failed", "sending")
    (folder / Path(record["temporary_path"]).name).write_bytes(bytes(SIZE))
    monkeypatch.setattr(Blocks, "carry", CARRY)
    deliver(delivery, log, retrying=True, try_number=2)
    assert see(folder) == {delivery.file_name: content}


def test_a_channel_that_opens_too_late_is_closed_before_the_file_gets_its_name(
    delivery, content, folder, log, monkeypatch
):
    """A robot that waits for the end of writing would import the file twice."""
    order, open_really, rename_really = [], Lanes.open, RemoteFiles.rename

    async def open_late(lanes):
        lane = await open_really(lanes)
        await asyncio.sleep(1.0)
        return lane

    async def close_noted(lane):
        order.append("closed")
        await lane.file.close()
        lane.sftp.exit()

    async def rename_noted(remote, *paths, **named):
        order.append("renamed")
        return await rename_really(remote, *paths, **named)

    monkeypatch.setattr(Lanes, "open", open_late)
    monkeypatch.setattr(Lane, "close", close_noted)
    monkeypatch.setattr(RemoteFiles, "rename", rename_noted)
    deliver(delivery, log)
    assert see(folder) == {delivery.file_name: content}
    assert order == ["closed"] * BESIDE + ["renamed"]


@pytest.mark.parametrize(
    "hinders", ["near", "small", "retry", "direct", "robot", "check_size"], ids=lambda hinders: f"{hinders}"
)
def test_one_channel_is_enough_where_more_could_harm(delivery, content, folder, opened, log, monkeypatch, hinders):
    """A server near by, a retry, a robot, and who wants the final name written or changes files."""
    fields = {"direct": {"upload_mode": "direct"}, "robot": {"robot": True}, "check_size": {"check_size": False}}
    changed = delivery.destination.model_copy(update=fields.get(hinders, {}))
    monkeypatch.setattr(Blocks, "carry", CARRY)
    if hinders == "near":
        monkeypatch.setattr(writing, "FAR_SECONDS", 60.0)
    if hinders == "small":
        monkeypatch.setattr(writing, "_SMALLEST_BESIDE", SIZE + 1)
    deliver(replace(delivery, destination=changed), log, try_number=2 if hinders == "retry" else 1)
    assert see(folder) == {delivery.file_name: content}
    assert opened == []


def test_another_server_than_openssh_gets_it_over_one_channel(
    delivery, content, sftp_server, opened, log, monkeypatch
):
    """What it makes of two handles of one file nobody knows."""
    monkeypatch.setattr(writing, "FAR_SECONDS", 0.0)
    monkeypatch.setattr(Blocks, "carry", CARRY)
    deliver(delivery, log)
    assert see(sftp_server.user_folder("acme")) == {delivery.file_name: content}
    assert opened == []
