"""Does a store that is full, denied, slow or gone give an error that says what to do, and never half an object?"""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import uuid4

import pytest

from event_delivery.errors import RetryableError
from event_delivery.object_store import open_bucket, parse_address
from event_delivery.staging.store_probe import probe_store
from local_servers.free_port import find_free_port
from local_servers.s3_server import ADMIN, READER, STRANGER

LISTING = b"<?xml version='1.0'?><ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>"
BUSY = "<?xml version='1.0'?><Error><Code>{}</Code><Message>secret words</Message></Error>"


class Fault(BaseHTTPRequestHandler):
    """An S3 that answers everything with one error, or not at all."""

    status, code, pause = 500, "", 0.0

    def answer(self):
        time.sleep(self.pause)
        body = BUSY.format(self.code).encode()
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if self.command != "HEAD" else b"")

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = answer  # noqa: N815

    def log_message(self, *_):
        pass


@pytest.fixture
def bucket_of(s3, monkeypatch):
    """A bucket as a Connection of these words opens it, within a prefix of its own."""

    def open_as(uri, name=s3.bucket, seconds=20.0):
        connection = f"store_{uuid4().hex[:8]}"
        monkeypatch.setenv(f"AIRFLOW_CONN_{connection.upper()}", uri)
        address = parse_address(f"s3://{connection}@{name}/{uuid4().hex}", "EVENT_DELIVERY_STAGING")
        return replace(open_bucket(address), seconds=seconds)

    return open_as


@pytest.fixture
def faulty(s3, bucket_of):
    """Such a bucket of a server that fails as it is told."""
    servers = []

    def start(status, code, pause=0.0, seconds=20.0):
        handler = type("Faulty", (Fault,), {"status": status, "code": code, "pause": pause})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        endpoint = f"http://127.0.0.1:{server.server_address[1]}"
        return bucket_of(s3.connection_uri(endpoint=endpoint), seconds=seconds)

    yield start
    for server in servers:
        server.shutdown()


@pytest.fixture
def faulty_put(s3, bucket_of):
    """A bucket that can be listed, is full or not, and gives the same bytes for every object."""
    servers = []

    class Listing(Fault):
        """An S3 whose bucket is empty."""

        protocol_version = "HTTP/1.1"  # else the client waits to be told to go on
        content, is_full = b"", True

        def answer(self):
            is_listing = self.command == "GET" and "list-type" in self.path
            failed = self.command == "PUT" and self.is_full
            given = self.content if self.command == "GET" else b""
            body = LISTING if is_listing else BUSY.format("QuotaExceeded").encode() if failed else given
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(403 if failed else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body if self.command != "HEAD" else b"")

        do_GET = do_PUT = do_DELETE = do_HEAD = answer  # noqa: N815

    def start(content, is_full=True):
        handler = type("Faulty", (Listing,), {"content": content, "is_full": is_full})
        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), handler))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        endpoint = f"http://127.0.0.1:{servers[-1].server_address[1]}"
        return bucket_of(s3.connection_uri(endpoint=endpoint))

    yield start
    for server in servers:
        server.shutdown()


@pytest.fixture
def file(tmp_path):
    """A file to put."""
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    return path


def check(bucket, what, *calls):
    """See that each call fails with one sentence: the store, what happened, what to do; no secret in it."""
    for call in calls:
        with pytest.raises(RetryableError, match=what) as failure:
            call()
        assert str(failure.value).startswith(f"EVENT_DELIVERY_STAGING: {bucket.address} ")
        assert "secret" not in str(failure.value)


def test_a_user_without_the_rights_is_denied(bucket_of, s3, file):
    """For writing, reading and listing alike: an empty listing would tell an erasure that nothing is there."""
    bucket = bucket_of(s3.connection_uri(STRANGER))
    calls = (
        lambda: bucket.put(file, "x"),
        lambda: bucket.read_block("x", 0, 3),
        lambda: bucket.list_objects("kept"),
    )
    check(bucket, "is denied .*rights that docs/object-store.md lists", *calls)


def test_who_may_look_and_not_write_is_found_before_the_night(bucket_of, s3):
    """A listing would not tell."""
    bucket = bucket_of(s3.connection_uri(READER))
    assert bucket.list_folders("staged") == []
    check(bucket, "is denied .*writing", lambda: probe_store(bucket))


def test_a_store_that_is_full_is_found_before_the_night(faulty_put):
    """By one small object: S3 has no question for a quota."""
    bucket = faulty_put(b"")
    check(bucket, "is full, or its quota is used up .*writing .*Make room", lambda: probe_store(bucket))


def test_a_store_that_gives_back_something_else_is_found_before_the_night(faulty_put):
    """Such as a cache that stands before it."""
    bucket = faulty_put(b"other", is_full=False)
    check(bucket, "does not give back what was put there", lambda: probe_store(bucket))


@pytest.mark.parametrize("user, secret", [(ADMIN, "wrong-secret"), ("nobody", "secret")])
def test_wrong_credentials_are_named(bucket_of, s3, file, user, secret):
    """The Connection has to be mended."""
    bucket = bucket_of(s3.connection_uri(user, secret))
    check(bucket, "does not take the credentials .*Look at the Airflow Connection", lambda: bucket.put(file, "x"))


def test_a_bucket_that_is_not_there_is_named(bucket_of, s3):
    """Nothing there is not the same as no bucket; a file of it is only missing."""
    bucket = bucket_of(s3.connection_uri(ADMIN), "no-such-bucket")
    check(bucket, "has no such bucket", lambda: bucket.list_objects("kept"), lambda: bucket.list_folders("kept"))
    with pytest.raises(FileNotFoundError):
        bucket.read_block("x", 0, 3)


def test_a_server_that_is_gone_is_named(bucket_of, s3, file):
    """Within the time that one answer may take."""
    bucket = bucket_of(s3.connection_uri(endpoint=f"http://127.0.0.1:{find_free_port()}"), seconds=30)
    check(bucket, "cannot be reached|gave no answer within 30 s", lambda: bucket.put(file, "x"))


def test_a_server_that_does_not_answer_is_let_go_of(faulty, file):
    """A second here; a minute, or what 256 kB a second take, in production."""
    bucket = faulty(200, "", pause=30, seconds=1)
    calls = (lambda: bucket.put(file, "x"), lambda: bucket.read_block("x", 0, 3), lambda: bucket.list_objects())
    check(bucket, "gave no answer within 1 s .*look at the network", *calls)


@pytest.mark.parametrize(
    "status, code, what",
    [
        (403, "QuotaExceeded", "is full, or its quota is used up .*Make room"),
        (507, "XMinioStorageFull", "is full, or its quota is used up .*Make room"),
        (403, "AccessDenied", "is denied"),
        (403, "RequestTimeTooSkewed", "has another time than this machine .*Set this machine's clock"),
        (400, "InvalidStorageClass", "fails .*InvalidStorageClass.*look at the store"),
        (400, "ExpiredToken", "does not take the credentials"),
    ],
)
def test_what_a_store_refuses_is_said_in_words(faulty, file, status, code, what):
    """By its code: its own words may hold anything."""
    bucket = faulty(status, code)
    check(bucket, what, lambda: bucket.put(file, "x"), lambda: bucket.write("x", b"abc"))


def test_a_busy_store_is_asked_again_for_a_while(faulty, file):
    """And then it is said."""
    bucket = faulty(503, "SlowDown", seconds=4)
    check(bucket, "is busy or disturbed|gave no answer within 4 s", lambda: bucket.put(file, "x"))


def test_a_large_file_comes_through_in_parts(bucket_of, s3, tmp_path):
    """More than two parts of S3's, and more than a block read."""
    content = os.urandom(21 << 20)
    (tmp_path / "large").write_bytes(content)
    bucket = bucket_of(s3.connection_uri())
    bucket.put(tmp_path / "large", "large")
    assert [(each.key, each.bytes) for each in bucket.list_objects()] == [("large", len(content))]
    found = [bucket.read_block("large", at, at + (8 << 20)) for at in range(0, len(content), 8 << 20)]
    assert b"".join(found) == content
    bucket.copy("large", len(content), "copy")
    assert {each.bytes for each in bucket.list_objects()} == {len(content)}


def test_a_worker_killed_while_it_puts_leaves_nothing(bucket_of, s3, tmp_path):
    """No key leads to a part of a file."""
    bucket = bucket_of(s3.connection_uri())
    with (tmp_path / "large").open("wb") as file:
        file.truncate(400 << 20)
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=put_in_a_process, args=(str(bucket.address), str(tmp_path / "large")))
    process.start()
    deadline = time.monotonic() + 60
    while not bucket.list_objects() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.2)
    process.kill()
    process.join()
    assert [(each.key, each.bytes) for each in bucket.list_objects()] == [("begun", 1)]


def put_in_a_process(url, path):
    """Put a file, as a worker does that is killed in the middle."""
    bucket = open_bucket(parse_address(url, "EVENT_DELIVERY_STAGING"))
    bucket.write("begun", b"x")
    bucket.put(Path(path), "large")
