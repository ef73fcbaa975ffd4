"""Does an upload send the staged delivery file, and nothing that was put in its place?"""

from __future__ import annotations

from pathlib import Path

import pytest

from event_delivery.errors import RetryableError
from event_delivery.extract.events import extract_events
from event_delivery.formats import format_staged_events
from event_delivery.upload import UploadRun, deliver_file

RUN = UploadRun("nightly_sftp_events__acme", "run")


@pytest.fixture
def delivery_file(events_db, staging_area, delivery) -> Path:
    """The staged file of an empty day."""
    extract_events(delivery)
    return Path(format_staged_events(delivery).path)


@pytest.mark.parametrize("plant", ["link", "other bytes", "nothing"])
def test_what_was_put_in_the_place_of_a_staged_file_reaches_no_client(
    delivery, delivery_file, sftp_server, tmp_path, log, plant
):
    """No link is followed, whatever it leads to; other bytes get no final name."""
    content = delivery_file.read_bytes()
    (tmp_path / "secret").write_bytes(content if plant == "link" else content.replace(b"[", b"{"))
    delivery_file.unlink()
    if plant == "link":
        delivery_file.symlink_to(tmp_path / "secret")
    elif plant == "other bytes":
        (tmp_path / "secret").rename(delivery_file)
    with pytest.raises(RetryableError, match="The next try makes it again"):
        deliver_file(delivery, RUN, log)
    assert [path.name for path in sftp_server.user_folder("acme").iterdir()] == []
