"""How do objects get into a bucket whole, and out of it in blocks?

An object is put in one call and never through an open file: fsspec commits what was written when a block within
`with` raises, and so publishes half a file (shared by s3fs, gcsfs and adlfs).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from event_delivery.limits import STORE_ANSWER, STORE_BYTES_A_SECOND
from event_delivery.object_store.address import StoreAddress
from event_delivery.object_store.answers import wait_for_answer
from event_delivery.object_store.failures import explain_failure, is_beyond_end
from event_delivery.object_store.stored import Stored, describe_stored
from event_delivery.object_store.whole_file import write_whole_file

_Answer = TypeVar("_Answer")
# By itself s3fs reads up to 100 MB into memory, and ten parts of 50 MB of what is larger.
_S3_PARTS = {"chunksize": 8 << 20, "max_concurrency": 4}


@dataclass(frozen=True)
class Bucket:
    """What lies in an object store below a prefix; keys are relative to it.

    Every call raises RetryableError, which names bucket, prefix and Connection, where the store refuses, cannot be
    reached or takes longer than `seconds` for an answer.
    """

    address: StoreAddress
    files: Any  # an fsspec file system
    seconds: float = STORE_ANSWER

    def put(self, path: Path, key: str) -> None:
        """Put a file under a key: whole, or not at all."""
        parts = _S3_PARTS if self.address.protocol == "s3" else {}
        seconds = max(self.seconds, path.stat().st_size / STORE_BYTES_A_SECOND)
        self._place(key, lambda place: self.files.put_file(str(path), place, **parts), seconds)

    def write(self, key: str, content: bytes) -> None:
        """Put a small object under a key: whole, or not at all."""
        self._place(key, lambda place: self.files.pipe_file(place, content), self.seconds)

    def copy(self, key: str, size: int, new: str) -> None:
        """Copy an object of so many bytes within the store. Raises FileNotFoundError: there is none."""
        seconds = max(self.seconds, size / STORE_BYTES_A_SECOND)
        self._place(new, lambda place: self.files.cp_file(self._spell(key), place), seconds, missing=True)

    def read_block(self, key: str, start: int, end: int) -> bytes:
        """Return the bytes of an object from `start` to before `end`, fewer where it ends.

        Raises:
            FileNotFoundError: there is none.
        """
        place = self._spell(key)

        def read() -> bytes:
            try:
                return bytes(self.files.cat_file(place, start=start, end=end))
            except Exception as error:
                if is_beyond_end(error):
                    return b""
                raise

        return self._ask(read, f"reading {key}", missing=True)

    def list_objects(self, folder: str = "") -> list[Stored]:
        """Return all objects below a folder, in the order of their keys; none where there is no such folder."""

        def find() -> list[Stored]:
            self.files.invalidate_cache()
            entries = self.files.find(self._spell(folder), detail=True).values()
            found = [each for each in entries if each["type"] == "file"]
            if not found and not self.address.is_folder:
                self._look_for_bucket()
            return [describe_stored(each, self.address.root) for each in found]

        return sorted(self._ask(find, f"listing {folder or 'it'}"), key=lambda stored: stored.key)

    def list_folders(self, folder: str) -> list[str]:
        """Return the names of the folders within a folder; none where there is no such folder."""

        def find() -> list[str]:
            self.files.invalidate_cache()
            try:
                entries = self.files.ls(self._spell(folder), detail=True)
            except FileNotFoundError:
                if not self.address.is_folder:
                    self._look_for_bucket()
                return []
            return [_last(each["name"]) for each in entries if each["type"] == "directory"]

        return sorted(self._ask(find, f"listing {folder}"))

    def delete(self, keys: Iterable[str]) -> None:
        """Delete objects in that order; one that is gone is no failure."""
        for key in keys:
            try:
                self._ask(lambda: self.files.rm_file(self._spell(key)), f"deleting {key}", missing=True)  # noqa: B023
            except FileNotFoundError:
                continue

    def _spell(self, key: str) -> str:
        return f"{self.address.root}/{key}".rstrip("/")

    def _place(self, key: str, write: Callable[[str], Any], seconds: float, missing: bool = False) -> None:
        place = self._spell(key)
        write_whole = (lambda: write_whole_file(place, write)) if self.address.is_folder else lambda: write(place)
        self._ask(write_whole, f"writing {key}", seconds, missing)

    def _ask(
        self, ask: Callable[[], _Answer], doing: str, seconds: float | None = None, missing: bool = False
    ) -> _Answer:
        try:
            return wait_for_answer(ask, seconds or self.seconds)
        except FileNotFoundError as error:
            if missing:
                raise
            raise explain_failure(error, self.address, doing) from error
        except Exception as error:
            raise explain_failure(error, self.address, doing) from error

    def _look_for_bucket(self) -> None:
        """Raise FileNotFoundError where there is no bucket, which s3fs lists as an empty one.

        Whoever may look below the prefix alone is denied that: a bucket of another name would be missing.
        """
        bucket = self.address.root.partition("/")[0]
        with contextlib.suppress(PermissionError):
            if not self.files.exists(bucket):
                raise FileNotFoundError(bucket)


def _last(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]
