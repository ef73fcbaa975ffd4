"""Do independent programs read what was compressed, and are the bytes the same each time?"""

from __future__ import annotations

import gzip
import io
import subprocess
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from event_delivery.formats.compressed import Totals, gzip_blocks, zip_blocks
from event_delivery.formats.unpacked import is_encrypted, unpack_file

NAME = "user-course_completion-42 ä.csv"
BLOCKS = st.lists(st.binary(max_size=300), max_size=8)
CSV = b'id,title\n1,"two\nlines"\n2,caf\xc3\xa9\n'


def make_zip(blocks: list[bytes], name: str = NAME) -> bytes:
    """Return a ZIP of one member."""
    side = io.BytesIO()
    return b"".join(zip_blocks(blocks, name, side.write, side))


@given(BLOCKS)
def test_python_reads_what_was_compressed(blocks):
    """Whatever the blocks, empty ones and none too."""
    assert gzip.decompress(b"".join(gzip_blocks(blocks))) == b"".join(blocks)
    with zipfile.ZipFile(io.BytesIO(make_zip(blocks))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [NAME]
        assert archive.read(NAME) == b"".join(blocks)


@pytest.mark.parametrize("blocks", [[], [CSV], [CSV] * 20_000])
def test_the_programs_that_receivers_use_read_it(tmp_path: Path, blocks, find_program):
    """`gzip -t`, `zcat` and `unzip` get the bytes, and complain of nothing."""
    packed = tmp_path / "events.csv.gz"
    packed.write_bytes(b"".join(gzip_blocks(blocks)))
    subprocess.run([find_program("gzip", "gzip"), "-t", packed], check=True)
    assert subprocess.check_output([find_program("zcat", "gzip"), packed]) == b"".join(blocks)
    archive = tmp_path / "events.zip"
    archive.write_bytes(make_zip(blocks, "events.csv"))
    told = subprocess.run(
        [find_program("unzip", "unzip"), "-t", archive], check=True, capture_output=True, text=True
    )
    assert "No errors detected" in told.stdout
    assert told.stderr == ""
    assert subprocess.check_output([find_program("unzip", "unzip"), "-p", archive, "events.csv"]) == b"".join(
        blocks
    )


@pytest.mark.parametrize("ending", ["gz", "zip"])
def test_pandas_reads_it_by_its_ending(tmp_path: Path, ending):
    """A receiver's script names the file, and no more."""
    path = tmp_path / f"events.csv.{ending}"
    path.write_bytes(b"".join(gzip_blocks([CSV])) if ending == "gz" else make_zip([CSV]))
    frame = pandas.read_csv(path)
    assert frame.to_dict("list") == {"id": [1, 2], "title": ["two\nlines", "café"]}


def test_nothing_but_the_bytes_decides_about_the_bytes():
    """No time, no system and no name of this machine; how the blocks were cut neither."""
    cut = [CSV[at : at + 1] for at in range(len(CSV))]
    for pack in (lambda blocks: b"".join(gzip_blocks(blocks)), make_zip):
        assert pack([CSV]) == pack(cut) == pack([b"", CSV])
    assert b"".join(gzip_blocks([CSV]))[:10] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
    [member] = zipfile.ZipFile(io.BytesIO(make_zip([CSV]))).infolist()
    assert (member.date_time, member.extra, member.comment) == ((1980, 1, 1, 0, 0, 0), b"", b"")
    assert member.flag_bits == 0x800, "sizes stand before the data, which every reader takes"


def test_a_member_of_more_than_4_gib_is_zip64(tmp_path: Path, find_program):
    """The same layout at a small size: Python and unzip read both sizes and the place of the directory."""
    totals = Totals(most_32=10)
    packed = b"".join(totals.deflate([CSV]))
    path = tmp_path / "large.zip"
    path.write_bytes(totals.local_header("events.csv") + packed + totals.directory("events.csv"))
    with zipfile.ZipFile(path) as archive:
        [member] = archive.infolist()
        assert (member.file_size, member.compress_size, member.extract_version) == (len(CSV), len(packed), 45)
        assert archive.read("events.csv") == CSV
    assert subprocess.check_output([find_program("unzip", "unzip"), "-p", path]) == CSV


@given(st.lists(st.binary(max_size=90_000), max_size=5))
def test_what_was_compressed_is_read_back(blocks):
    """A file that is not compressed is read as it is; whoever reads it has read the whole file."""
    for packed in (b"".join(gzip_blocks(blocks)), make_zip(blocks), b"[" + b"".join(blocks)):
        file = io.BufferedReader(io.BytesIO(packed))
        assert not is_encrypted(file)
        assert unpack_file(file).read().removeprefix(b"[" if packed[:1] == b"[" else b"") == b"".join(blocks)
        assert file.read() == b""


@given(st.lists(st.lists(st.binary(max_size=90_000), max_size=3), min_size=2, max_size=4))
def test_files_one_behind_the_other_are_read_to_the_last(parts):
    """As the parts of a split file lie in the staging area: whoever looks for a learner looks into each."""
    for pack in (lambda blocks: b"".join(gzip_blocks(blocks)), make_zip):
        file = io.BufferedReader(io.BytesIO(b"".join(map(pack, parts))))
        assert unpack_file(file).read() == b"".join(b"".join(blocks) for blocks in parts)
        assert file.read() == b""


@pytest.mark.parametrize("pack", [lambda blocks: b"".join(gzip_blocks(blocks)), make_zip])
def test_what_is_cut_off_is_not_read_as_if_it_were_whole(pack):
    """At any byte of the data."""
    packed = pack([CSV])
    for size in range(4, packed.index(b"PK\x01\x02") if packed[:2] == b"PK" else len(packed) - 8):
        with pytest.raises(ValueError, match="cut off"):
            unpack_file(io.BufferedReader(io.BytesIO(packed[:size]))).read()


@pytest.mark.parametrize("pack", [gzip_blocks, lambda blocks: zip_blocks(blocks, NAME, *discard())])
def test_memory_does_not_grow_with_the_file(pack: Callable[..., object]):
    """Ten times the blocks take no more."""
    peaks = []
    for number in (20, 200):
        tracemalloc.start()
        for _ in pack(bytes([place % 251]) * 100_000 for place in range(number)):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 200_000


def discard() -> tuple[Callable[[bytes], object], io.BytesIO]:
    """Return a side file that takes everything and holds nothing."""
    return (lambda _: None), io.BytesIO()
