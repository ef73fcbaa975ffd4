"""What does the URL of an object store say, and what is refused without repeating a secret?"""

from __future__ import annotations

import pytest

from event_delivery.errors import PermanentError
from event_delivery.object_store import is_url, parse_address

SETTING = "EVENT_DELIVERY_STAGING"


@pytest.mark.parametrize(
    "url, protocol, connection_id, root",
    [
        ("s3://staging_s3@bucket/prefix", "s3", "staging_s3", "bucket/prefix"),
        ("s3://bucket", "s3", None, "bucket"),
        ("gs://google@events.example/a/b/", "gs", "google", "events.example/a/b"),
        ("abfs://azure@container/staging", "abfs", "azure", "container/staging"),
        ("file:///mnt/staging", "file", None, "/mnt/staging"),
    ],
)
def test_a_url_names_connection_bucket_and_prefix(url, protocol, connection_id, root):
    """As Airflow spells an ObjectStoragePath; said again it is the same."""
    address = parse_address(url, SETTING)
    assert (address.protocol, address.connection_id, address.root) == (protocol, connection_id, root)
    assert str(address) == url.rstrip("/")
    assert is_url(url)


@pytest.mark.parametrize(
    "url, why",
    [
        ("https://bucket/prefix", "another kind of URL"),
        ("s3://", "no bucket's name"),
        ("s3:///prefix", "no bucket's name"),
        ("s3://AKIA:secret@bucket/prefix", "no Connection's id"),
        ("s3://AKIA:sec/ret@bucket/prefix", "no bucket's name"),
        ("s3://bucket/../other", "its prefix may hold"),
        ("s3://bucket/*", "its prefix may hold"),
        ("s3://bucket/pre fix", "its prefix may hold"),
        ("file://folder/x", "no bucket's name"),
        ("file:///", "its prefix may hold"),
    ],
)
def test_any_other_is_refused_and_its_secret_not_repeated(url, why):
    """The sentence names the setting and what is wanted, never a key."""
    with pytest.raises(PermanentError, match=why) as refusal:
        parse_address(url, SETTING)
    assert SETTING in str(refusal.value)
    assert "connection_id@bucket/prefix" in str(refusal.value)
    assert "sec" not in str(refusal.value)
    assert "AKIA" not in str(refusal.value)


def test_a_folder_is_no_url():
    """What was set until now stays what it is."""
    assert not is_url("/mnt/staging")
