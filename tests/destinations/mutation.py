"""What may a colleague's YAML file hold, after a mistake or in bad faith? Every number has its file."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

RIGHT = b"client: Acme\ncompany_id: 3aabdfb8-3891-5011-ad35-8e2351c5fdaf\n"
FULL = RIGHT + (
    b"connection: sftp_lumen\npath: /~/from events\nhost_key: [SHA256:" + b"A" * 43 + b"]\n"
    b"legacy_algorithms: false\ncreate_folder: true\nupload_mode: rename\n"
    b'temporary_name: {prefix: "tmp-", folder: incoming}\ncheck_size: true\nrobot: false\n'
    b"format: csv\nevents: [courseCompletion]\ntimezone: Europe/Berlin\n"
    b'deliver_at: "03:30"\nstart_date: 2026-01-31\ntransfer_id: 1234567890\ncatchup: true\nenabled: true\n'
)
LARGEST = 65 * 1024
_PIECES = [
    b'[', b'{', b'- ', b'? ', b'[[', b'{a: ', b'? [', b']', b'}', b': ', b',', b'\n', b'\n  ', b'\t', b' ',
    b'#', b'"', b"'", b'&a ', b'*a', b'&a [*a]', b'<<: *a\n', b'<<: {client: x}\n',
    b'a: &b [x,x]\nc: [*b,*b]\n', b'&x client: ', b'? [a]: b\n', b'!!python/object/apply:os.system [id]',
    b'!!binary ', b'!!set {a}', b'!!omap [a: 1]', b'!!timestamp x', b"!!int '_'", b'!!float ._',
    b'!!int 1:1:1:1', b'!', b'!<tag:yaml.org,2002:null> x', b'=: x', b'~: x', b'.nan: 1', b'1e999', b'0x1F',
    b'0o7', b'%YAML 1.1\n---\n', b'%TAG ! tag:x,2000:\n', b'---\n', b'...\n', b'--- |\n', b'>+9\n', b'|2-\n',
    b'|\n ', b'? |\n', b'"\\ud800"', b'"\\U0010FFFF"', b'"\\x1b[31m"', b'"\\0"', b'"\\u202e"', b'"\\N\\L\\P"',
    b'\xe2\x80\xa8\xc2\x85\xe2\x80\xae', b'id: x\n', b'events: [[courseCompletion]]\n',
    b"transfer_id: " + b"9" * 5_000 + b"\n", b'timezone: ../../etc/passwd\n', b'timezone: America\n',
    b'start_date: 9999-12-31\n', b'start_date: 0001-01-01\n', b'self: 1\n',
    b'client: ![x](https://evil.example/x.png)\n', b'temporary_name: {1: 2}\n',
    b'temporary_name: {folder: [..]}\n', b'null: null\n',
]  # fmt: skip
_BROKEN_PIECES = [b"\x00", b"\x1b", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3", b"\xed\xa0\x80"]


def mutate(number: int) -> bytes:
    """Return the file of a number, always the same."""
    chance = random.Random(number)
    content = bytearray(chance.choice((RIGHT, FULL, FULL)))
    for _ in range(min(8, 1 + int(chance.expovariate(0.6)))):
        chance.choices(_WAYS, _WEIGHTS)[0](content, chance)
    return bytes(content[:LARGEST])


def _insert(content: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(content) + 1)
    content[at:at] = chance.choice(_PIECES if chance.random() < 0.95 else _BROKEN_PIECES)


def _insert_line(content: bytearray, chance: random.Random) -> None:
    lines = content.split(b"\n")
    lines.insert(chance.randrange(len(lines) + 1), chance.choice(_PIECES))
    content[:] = b"\n".join(lines)


def _insert_value(content: bytearray, chance: random.Random) -> None:
    colons = [at for at in range(len(content)) if content[at : at + 2] == b": "]
    at = chance.choice(colons) + 2 if colons else 0
    end = content.find(b"\n", at)
    content[at : end if end >= 0 else len(content)] = b"".join(chance.choices(_PIECES, k=chance.randint(1, 4)))


def _flip(content: bytearray, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 8) if content else 0):
        most = 256 if chance.random() < 0.05 else 127
        content[chance.randrange(len(content))] = chance.randrange(9, most)


def _cut(content: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(content) + 1)
    del content[at : at + chance.randint(1, 40)]


def _move(content: bytearray, chance: random.Random) -> None:
    lines = content.split(b"\n")
    chance.shuffle(lines)
    content[:] = b"\n".join(lines)


def _repeat(content: bytearray, chance: random.Random) -> None:
    """Repeat a piece, once in many times up to the largest file."""
    piece = b"".join(chance.choices(_PIECES, k=chance.randint(1, 3)))
    most = LARGEST if chance.random() < 0.2 else 2_000
    colons = [at + 2 for at in range(len(content)) if content[at : at + 2] == b": "]
    at = chance.choice([*colons, len(content), chance.randrange(len(content) + 1)])
    content[at:at] = piece * chance.randint(1, max(1, most // len(piece)))


def _double(content: bytearray, chance: random.Random) -> None:
    if len(content) < LARGEST:
        content.extend(content[chance.randrange(len(content) + 1) :])


_WAYS: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _insert, _insert_line, _insert_value, _flip, _cut, _move, _repeat, _double,
)  # fmt: skip
_WEIGHTS = (4, 4, 4, 3, 2, 1, 3, 1)


def write_mutated(folder: Path, number: int) -> None:
    """Write the file of a number beside a right one; one number in ten, as the folder's defaults."""
    content, defaults, file = mutate(number), folder / "_defaults.yaml", folder / "acme.yaml"
    if number % 10:
        defaults.unlink(missing_ok=True)
        file.write_bytes(content)
    else:
        file.write_bytes(RIGHT)
        defaults.write_bytes(content)
