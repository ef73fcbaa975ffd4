"""How is a file packed on its way to a client, and what follows it?"""

from __future__ import annotations

from typing import Literal

Compression = Literal["none", "gzip", "zip"]
Companion = Literal["none", "done", "checksum", "manifest"]
COMPRESSED_ENDINGS = {"none": "", "gzip": ".gz", "zip": ".zip"}
