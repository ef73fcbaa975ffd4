"""How is a staged file written, whole or not at all?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from event_delivery.delivery import Delivery
from event_delivery.errors import RetryableError
from event_delivery.staging.area import name_setting, open_delivery_folder, staging_root, staging_url
from event_delivery.staging.private_file import write_private
from event_delivery.staging.space import LOOK_EVERY, Space, allot_space, is_full


@dataclass(frozen=True)
class Manifest:
    """What one staged file holds, of which company: counts, a checksum and the digest of its ids, never rows.

    `types`: of each of its columns, in a word for a client; empty where the source did not tell.
    `unready`: why the source was not complete when it was read, one sentence; empty where it was.
    `exact`: it is a kept file once more, byte for byte, and was not made from the source.
    `beside`: of a supplement, the sha256 of each file that it was made beside.
    `recipe`: which statement and rendering made its events, see `EventsQuery.recipe`; empty where nobody noted it.
    `format`: in which it is written; empty where an older release wrote it.
    `shape`: what its destination asked for beyond the contracted file, see `Shape.token`; `plain_sha256`: of its
    staged events then. `ids_sha256`, `ids_bytes`: of the ids staged beside it, where its bytes do not tell them.
    `filtered`: how many events of the day the destination's `only` left out.
    `made_for`: of an encrypted or a Parquet file, digest of its shape and of the keys that it is for; else empty.
    `parts`: of a split file, rows, bytes and sha256 of each part, one behind the other; `part_tail`: what stands
    before the number in their names.
    `stored`: its key in the object store, of which `path` is this machine's copy; empty where there is none.
    """

    path: str
    rows: int
    bytes: int
    sha256: str
    profile: dict[str, Any] = field(default_factory=dict)
    columns: Sequence[str] = ()
    types: Sequence[str] = ()
    company_id: str = ""
    id_digest: str = ""
    unready: str = ""
    exact: bool = False
    beside: str = ""
    recipe: str = ""
    format: str = ""
    shape: str = ""
    plain_sha256: str = ""
    ids_sha256: str = ""
    ids_bytes: int = 0
    filtered: int = 0
    made_for: str = ""
    parts: Sequence[tuple[int, int, str]] = ()
    part_tail: str = ""
    stored: str = ""

    def summarize(self) -> dict[str, str | int]:
        """Return what a task tells Airflow, where every viewer reads it: path, rows, bytes, sha256."""
        return {"path": self.stored or self.path, "rows": self.rows, "bytes": self.bytes, "sha256": self.sha256}


class StagedFile:
    """A file being staged: counts and hashes what is written, in bytes, and takes no more space than it may.

    `name`: what it is called when it is whole; None: by its sha256.
    """

    def __init__(self, file: IO[bytes], folder: Path, name: str | None, space: Space) -> None:
        self._file = file
        self._folder = folder
        self._name = name
        self._space = space
        self._sha256 = hashlib.sha256()
        self.bytes = 0

    def write(self, block: bytes | bytearray | memoryview) -> None:
        """Append a block of bytes.

        Raises:
            PermanentError: one staged file may not be as large.
            RetryableError: too little space would be left for others.
        """
        size = self.bytes + len(block)
        self._space.check_quota(size)
        if size // LOOK_EVERY > self.bytes // LOOK_EVERY:
            self._space.look(size)
        self._file.write(block)
        self._sha256.update(block)
        self.bytes = size

    def manifest(self, rows: int, **details: Any) -> Manifest:
        """Describe what was written."""
        path = str(self._folder / self.choose_name())
        return Manifest(path, rows, self.bytes, self._sha256.hexdigest(), **details)

    def choose_name(self) -> str:
        """Return what the file is called when it is whole."""
        return self._name or self._sha256.hexdigest()


@contextmanager
def stage_file(delivery: Delivery, name: str) -> Iterator[StagedFile]:
    """Write a staged file (0600) under a temporary name, and give it its own name when it is whole.

    In a scratch area that is its sha256: what another run writes there is another file.

    Raises:
        PermanentError: the staging area is not ours, or the file grows larger than one may be.
        RetryableError: the staging area cannot be written, or has too little space.
    """
    path, who = path_of_staged(delivery, name), f"{delivery.destination.id}, staged file {name}"
    try:
        with (
            open_delivery_folder(delivery) as folder,
            write_private(folder, lambda: staged.choose_name()) as file,
        ):
            space = allot_space(who, folder.fd, doubles=name == delivery.staged_name)
            staged = StagedFile(file, folder.path, None if staging_url() else name, space)
            yield staged
    except OSError as error:
        if is_full(error):
            raise RetryableError(
                f"{who}: the disk of {path} is full ({error.strerror}). Free some, or set {name_setting()} "
                "to a larger disk."
            ) from error
        raise RetryableError(f"Cannot write {path}: {error.strerror}") from error


def describe_file(manifest: Manifest) -> dict[str, Any]:
    """Return what is written down of a file; where it is stored, its place says."""
    fields = asdict(manifest)
    del fields["stored"]
    return fields


def path_of_staged(delivery: Delivery, name: str) -> Path:
    """Return where a file of a delivery is staged."""
    return staging_root() / delivery.destination.id / delivery.key / name
