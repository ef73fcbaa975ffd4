"""How fast is the line to a destination, would compression help, and does a file fit into an attempt?"""

from __future__ import annotations

# Compression wins at 100 Mbit/s and below, loses above about 150 (`make bench`).
WORTH_COMPRESSING_BELOW = 15e6
SMALLEST_COMPRESSED = 4_000_000
FAR_SECONDS = 0.03
WORTHWHILE = 1.2  # compression costs four times the CPU: noise must not decide for it


def choose_compression(rates: dict[bool, float], size: int, round_trip: float | None) -> bool:
    """Tell whether to compress a file of `size` bytes over a line of this round trip (seconds, None: unknown).

    `rates` are the measured bytes/s without (False) and with (True) compression. A slow line is tried with
    compression once; from then on the faster way is taken. Without a measurement the distance tells: far away the
    server's window holds the rate below what compression takes.
    """
    plain, compressed = rates.get(False), rates.get(True)
    if size < SMALLEST_COMPRESSED:
        return False
    if plain is None:
        return round_trip is not None and round_trip >= FAR_SECONDS
    if plain > WORTH_COMPRESSING_BELOW:
        return False
    return compressed is None or compressed > WORTHWHILE * plain


def warn_of_size(rates: dict[bool, float], size: int, limit: float, format: str | None = None) -> str | None:
    """Return a sentence when `size` bytes need more than `limit` seconds at the best measured rate."""
    best = max(rates.values(), default=0.0)
    if not best or size / best <= limit:
        return None
    return (
        f"{size / 1e6:,.0f} MB need about {size / best:,.0f} s at the best rate measured to this destination, "
        f"{best / 1e6:.2f} MB/s, and an attempt ends after {limit:.0f} s. {advise_of_size(format)}"
    )


def advise_of_size(format: str | None) -> str:
    """Return what to do where files of a format (None: unknown) are too large for a line."""
    smaller = "" if format in ("csv", "parquet") else ", or set format: csv, which is smaller"
    return f"Ask the client for a faster line or a nearer server{smaller}."


def show_size(size: float) -> str:
    """Return bytes as a person reads them."""
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{size / 1e6:,.0f} MB"
