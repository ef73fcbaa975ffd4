"""Do the locks fit the ranges, one another and the image?"""

import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
RUNTIME = "requirements"
EXTRAS = ("requirements-s3", "requirements-celery", "requirements-kubernetes", "requirements-cluster")
SETS = (RUNTIME, "requirements-dev", "requirements-uv", *EXTRAS)
# botocore 1.43 wants python-dateutil below 3, Airflow takes either: so have all extras, to be installed together.
OTHERWISE_IN_EXTRAS = ("python-dateutil",)
IMAGE = re.compile(r"^ARG BASE=apache/airflow:(?:slim-)?(?P<version>[^-@\s]+)", re.MULTILINE)

Pins = dict[str, list[Requirement]]


def read_ranges(path: Path) -> Iterator[Requirement]:
    """Yield the requirements of a file and of the files that it includes."""
    for line in path.read_text().splitlines():
        text = line.partition("#")[0].strip()
        if text.startswith("-r "):
            yield from read_ranges(path.parent / text.removeprefix("-r ").strip())
        elif text:
            yield Requirement(text)


def read_entries(path: Path) -> Iterator[tuple[Requirement, str]]:
    """Yield each pin of a lock, and the text up to the next one, hashes in it."""
    for entry in re.split(r"\n(?=[A-Za-z0-9])", path.read_text()):
        pin, _, rest = entry.partition("\n")
        yield Requirement(pin.removesuffix("\\").strip()), rest


def read_pins(path: Path) -> Pins:
    """Return a lock's pins by package: several where they differ by platform or Python version."""
    pins: Pins = defaultdict(list)
    for pin, _ in read_entries(path):
        pins[canonicalize_name(pin.name)].append(pin)
    return pins


def format_pins(pins: list[Requirement]) -> str:
    """Return what is locked of one package, for a message."""
    return ", ".join(sorted(str(pin).partition("==")[2] for pin in pins)) or "nothing"


def version_of(pin: Requirement) -> str:
    """Return the version of a pin."""
    return str(pin.specifier).removeprefix("==")


def fits(wanted: Requirement, pins: list[Requirement]) -> bool:
    """Return whether a package is locked, and every pin of it in range."""
    return bool(pins) and all(wanted.specifier.contains(version_of(pin), prereleases=True) for pin in pins)


def find_misfits(root: Path, name: str) -> Iterator[str]:
    """Yield the requirements that their lock does not fulfil."""
    pins = read_pins(root / f"{name}.lock")
    for wanted in read_ranges(root / f"{name}.txt"):
        locked = pins.get(canonicalize_name(wanted.name), [])
        if not fits(wanted, locked):
            found = format_pins(locked)
            yield f"{name}.lock: {wanted.name}: found {found}, wanted {wanted.specifier or 'any version'}"


def find_unhashed(root: Path, name: str) -> Iterator[str]:
    """Yield the pins without hashes."""
    for pin, rest in read_entries(root / f"{name}.lock"):
        if "--hash=sha256:" not in rest:
            yield f"{name}.lock: {pin.name}: found no hash, wanted --hash=sha256:..."


def find_differences(root: Path) -> Iterator[str]:
    """Yield what tests, or who installs an extra, would run with in another version than production."""
    production = read_pins(root / f"{RUNTIME}.lock")
    yield from find_other_versions(root, "requirements-dev", RUNTIME, production)
    same = {name: pins for name, pins in production.items() if name not in OTHERWISE_IN_EXTRAS}
    for extra in EXTRAS:
        yield from find_other_versions(root, extra, RUNTIME, same)
    yield from find_contradictions(root)


def find_other_versions(root: Path, name: str, model: str, wanted: Pins) -> Iterator[str]:
    """Yield what a lock has otherwise than another one, or not at all."""
    locked = read_pins(root / f"{name}.lock")
    for package, pins in wanted.items():
        found = format_pins(locked.get(package, []))
        if found != format_pins(pins):
            yield f"{name}.lock: {package}: found {found}, wanted {format_pins(pins)} as in {model}.lock"


def find_contradictions(root: Path) -> Iterator[str]:
    """Yield what two extras have in different versions: they are to be installed together, too."""
    locked = {extra: read_pins(root / f"{extra}.lock") for extra in EXTRAS}
    for model, name in combinations(EXTRAS, 2):
        shared = {each: pins for each, pins in locked[model].items() if each in locked[name]}
        yield from find_other_versions(root, name, model, shared)


def list_tested_pins(root: Path) -> Iterator[str]:
    """Yield the pins of production and of the tests as constraints of an extra's lock."""
    for pin, _ in read_entries(root / "requirements-dev.lock"):
        if canonicalize_name(pin.name) not in OTHERWISE_IN_EXTRAS:
            yield str(pin)


def find_wrong_image(root: Path) -> Iterator[str]:
    """Yield the image's Airflow version if the lock has another."""
    image = IMAGE.search((root / "Dockerfile").read_text())
    found = image["version"] if image else "no ARG BASE=apache/airflow:<version>"
    wanted = format_pins(read_pins(root / f"{RUNTIME}.lock")["apache-airflow"])
    if found != wanted:
        yield f"Dockerfile: apache-airflow: found {found}, wanted {wanted}: name it in ARG BASE"


def find_lock_problems(root: Path) -> Iterator[str]:
    """Yield all that new locks would mend."""
    for name in SETS:
        yield from find_misfits(root, name)
        yield from find_unhashed(root, name)
    yield from find_differences(root)


def main(root: Path) -> int:
    """Print what does not fit, and what to do; return the exit status."""
    problems = [f"{problem}: run `make lock`" for problem in find_lock_problems(root)]
    problems += find_wrong_image(root)
    sys.stderr.writelines(f"{problem}\n" for problem in problems)
    return int(bool(problems))


if __name__ == "__main__":
    if sys.argv[1:] == ["--pins"]:
        sys.stdout.writelines(f"{pin}\n" for pin in list_tested_pins(ROOT))
        sys.exit()
    sys.exit(main(ROOT))
