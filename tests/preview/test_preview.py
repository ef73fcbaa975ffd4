"""Is what the preview shows what a night would send, and is nothing left of it?"""

from __future__ import annotations

import gzip
import os
import pty
import stat
import sys
from pathlib import Path

import pytest

from event_delivery.extract import extract_events
from event_delivery.formats import format_staged_events
from event_delivery.preview import choose_delivery, make_preview
from event_delivery.preview.__main__ import main
from tests.sample_events import DAY, insert_event, noon


@pytest.mark.parametrize(
    "shape", [{}, {"format": "csv", "csv": {"delimiter": ";"}, "compression": "gzip"}, {"format": "parquet"}]
)
def test_the_preview_is_the_nights_file(events_db, write_acme, staging_area, capfdbinary, shape):
    """Byte for byte, on standard output; neither staging area nor ledger knows of it."""
    write_acme(**shape)
    insert_event(events_db, noon(DAY), title="two\nlines")
    assert main(["acme", "--day", str(DAY)]) == 0
    shown = capfdbinary.readouterr()
    assert [path for path in staging_area.rglob("*") if path.is_file()] == []
    delivery = choose_delivery("acme", None, DAY)
    extract_events(delivery)
    assert shown.out == Path(format_staged_events(delivery).path).read_bytes()
    assert f"{delivery.file_name}: 1 events, {len(shown.out):,} bytes".encode() in shown.err
    tables = "select count(*) from information_schema.tables where table_schema = 'event_delivery'"
    assert events_db.execute(tables).fetchone() == (0,)


def test_the_folder_of_a_preview_is_private_and_leaves(events_db, write_acme):
    """Nobody else reads along, and nothing stays."""
    write_acme()
    with make_preview(choose_delivery("acme", None, DAY)) as (manifest, file):
        place = Path(manifest.path)
        assert file.read() == b"[]\n"
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
        assert stat.S_IMODE(place.parents[3].stat().st_mode) == 0o700
    assert not place.parents[3].exists()


def test_a_preview_into_a_file_is_private_and_overwrites_nothing(events_db, write_acme, tmp_path, capsys):
    """A second one says so."""
    write_acme(compression="gzip")
    target = tmp_path / "preview.json.gz"
    assert main(["acme", "--day", str(DAY), "--output", str(target)]) == 0
    assert gzip.decompress(target.read_bytes()) == b"[]\n"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert main(["acme", "--day", str(DAY), "--output", str(target)]) == 1
    assert "cannot be written (File exists)" in capsys.readouterr().err


@pytest.mark.parametrize(
    "shape",
    [{"format": "parquet"}, {"compression": "zip"}, {"format": "csv", "csv": {"encoding": "utf-16le"}}],
    ids=["parquet", "zip", "utf-16"],
)
def test_a_preview_that_is_no_text_is_kept_from_a_terminal(write_acme, monkeypatch, capsys, shape):
    """Bytes would set it upside down; a text comes, and nothing is read of the source for what does not."""
    main_end, terminal_end = pty.openpty()
    with os.fdopen(terminal_end, "w") as terminal:
        monkeypatch.setattr(sys, "stdout", terminal)
        write_acme(**shape)
        assert main(["acme", "--test-file"]) == 1
        write_acme(format="ndjson")
        assert main(["acme", "--test-file"]) == 0
        assert os.read(main_end, 1 << 16).startswith(b'{"id":')
    os.close(main_end)
    assert "is no text for a terminal: wanted --output, or > file." in capsys.readouterr().err


def test_the_preview_of_a_test_file_holds_the_sample(write_acme, capfdbinary):
    """An integration engineer may see it: it has no learner's data."""
    write_acme(format="csv")
    assert main(["acme", "--test-file"]) == 0
    assert b"Bob,Johnson" in capfdbinary.readouterr().out


@pytest.mark.parametrize(
    "arguments, wanted",
    [
        (["nobody"], "There is no destination 'nobody'."),
        (["acme", "--event", "quizAttempt"], "acme delivers courseCompletion, and no 'quizAttempt'."),
        (["acme", "--day", "2100-01-01"], "acme: "),
    ],
)
def test_what_cannot_be_shown_is_told(write_acme, capsys, arguments, wanted):
    """A sentence and status 1."""
    write_acme()
    assert main(arguments) == 1
    assert wanted in capsys.readouterr().err


def test_a_split_day_is_shown_in_its_parts(events_db, write_acme, tmp_path, capfdbinary):
    """In a folder of their own, by their names; on standard output one behind the other."""
    write_acme(format="ndjson", companion="manifest", split={"rows": 2})
    for number in range(3):
        insert_event(events_db, noon(DAY, number))
    folder = tmp_path / "preview"
    assert main(["acme", "--day", str(DAY), "--output", str(folder)]) == 0
    assert b"3 events" in capfdbinary.readouterr().err
    parts = sorted(folder.iterdir())
    assert [path.name.rpartition("-")[2] for path in parts] == ["part0001.ndjson", "part0002.ndjson"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in parts} == {0o600}
    assert main(["acme", "--day", str(DAY)]) == 0
    shown = capfdbinary.readouterr()
    assert shown.out == b"".join(path.read_bytes() for path in parts)
    assert b", in 2 parts. Nothing was sent." in shown.err
    assert main(["acme", "--day", str(DAY), "--output", str(folder)]) == 1
    assert b"name a folder that is not there" in capfdbinary.readouterr().err
