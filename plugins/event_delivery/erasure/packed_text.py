"""Can a text be sought in a file that was encoded, compressed or encrypted on its way to the client?"""

from __future__ import annotations

import codecs
import io
from typing import IO, Any, cast

from event_delivery.erasure.blocks import Blocks
from event_delivery.erasure.sought_text import SoughtText
from event_delivery.errors import PermanentError
from event_delivery.formats.parquet_text import is_parquet, read_parquet_text
from event_delivery.formats.unpacked import is_encrypted, unpack_file


def is_in_packed(sought: SoughtText, file: io.BufferedReader[Any]) -> bool:
    """Tell whether a file holds a text before it was encoded, typed and compressed; memory stays flat.

    Raises:
        PermanentError: it is encrypted, or what was compressed or typed is broken: nobody here can tell.
    """
    if is_encrypted(file):
        raise PermanentError(
            "it is encrypted for the client, so nobody here can tell whether it holds the text. If it may, remove "
            "it by hand; by itself it leaves after the destination's keep_days."
        )
    try:
        if is_parquet(file):
            return sought.stands_in(io.BufferedReader(Blocks(read_parquet_text(file))))
        return sought.stands_in(_read_utf8(unpack_file(file)))
    except ValueError as error:
        raise PermanentError(f"it cannot be searched: {error}.") from None


def _read_utf8(file: IO[bytes]) -> IO[bytes]:
    """Return a file of UTF-16 as one of UTF-8, any other as it is."""
    start = cast("io.BufferedReader[Any]", file).peek(len(codecs.BOM_UTF16_LE))
    if start.startswith(codecs.BOM_UTF16_LE):
        return cast("IO[bytes]", codecs.EncodedFile(file, "utf-8", "utf-16"))
    return file
