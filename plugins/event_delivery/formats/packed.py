"""How is a file compressed, in constant memory, to the same bytes each time?

No clock and no machine's name stands in it; another zlib may compress the same events to other bytes.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable, Iterator

from event_delivery.destinations.packing import COMPRESSED_ENDINGS, Compression

_GZIP = 31  # zlib's window of 15 bits, with gzip's header: no time, no name
_OLDEST = (1980, 1, 1, 0, 0, 0)  # what zip can tell of a file without a time
_PRIVATE = 0o600 << 16


def pack_blocks(compression: Compression, file_name: str, blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the bytes of a file, compressed; `file_name` has the ending that says so."""
    if compression == "gzip":
        return _gzip(blocks)
    if compression == "zip":
        return _zip(file_name.removesuffix(COMPRESSED_ENDINGS["zip"]), blocks)
    return iter(blocks)


def _gzip(blocks: Iterable[bytes]) -> Iterator[bytes]:
    packing = zlib.compressobj(wbits=_GZIP)
    for block in blocks:
        yield packing.compress(block)
    yield packing.flush()


def _zip(name: str, blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield an archive with one member, its sizes behind it, so that nothing is written twice."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        member = zipfile.ZipInfo(name, _OLDEST)
        member.compress_type, member.create_system, member.external_attr = zipfile.ZIP_DEFLATED, 3, _PRIVATE
        with archive.open(member, "w", force_zip64=True) as file:
            for block in blocks:
                file.write(block)
                yield sink.take()
    yield sink.take()


class _Sink:
    """What zipfile writes to: nothing that could be gone back in."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._written.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do as a file does."""

    def take(self) -> bytes:
        taken = b"".join(self._written)
        self._written.clear()
        return taken
