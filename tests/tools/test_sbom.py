"""Does the bill of materials tell an auditor what the image installs?"""

from __future__ import annotations

import re
import subprocess
import sys

from tests import PROJECT
from tools.locks import read_pins, version_of
from tools.sbom import make_bill

LOCK = (PROJECT / "requirements.lock").read_text()


def test_every_locked_package_is_in_the_bill_with_its_hashes():
    """And no other; the id is the one by which scanners look for known weaknesses."""
    components = make_bill(PROJECT)["components"]
    locked = {
        (name, version_of(pin)) for name, pins in read_pins(PROJECT / "requirements.lock").items() for pin in pins
    }
    assert {(each["name"], each["version"]) for each in components} == locked
    assert {each["purl"] for each in components} == {f"pkg:pypi/{name}@{version}" for name, version in locked}
    hashes = [hash_["content"] for each in components for hash_ in each["externalReferences"][0]["hashes"]]
    assert sorted(hashes) == sorted(re.findall(r"sha256:([0-9a-f]{64})", LOCK))


def test_every_reference_of_the_bill_leads_to_a_component():
    """Each id stands once, and everything is needed by something, from the project on."""
    bill = make_bill(PROJECT)
    refs = [bill["metadata"]["component"]["bom-ref"], *(each["bom-ref"] for each in bill["components"])]
    assert len(set(refs)) == len(refs)
    assert [each["ref"] for each in bill["dependencies"]] == refs
    needed = [ref for each in bill["dependencies"] for ref in each["dependsOn"]]
    assert set(needed) == set(refs[1:])
    direct = dict(zip(refs, bill["dependencies"], strict=True))[refs[0]]["dependsOn"]
    assert {re.sub("@.*", "", ref) for ref in direct} >= {"pkg:pypi/apache-airflow", "pkg:pypi/asyncssh"}


def test_a_package_of_other_platforms_is_marked_as_such():
    """What this platform never installs is no reason for an alarm."""
    [colorama] = [each for each in make_bill(PROJECT)["components"] if each["name"] == "colorama"]
    assert colorama["scope"] == "optional"
    assert colorama["properties"] == [{"name": "python:marker", "value": 'sys_platform == "win32"'}]


def test_the_same_lock_makes_the_same_bill(tmp_path):
    """It has no time and nothing random in it, so that two of them can be compared."""
    written = []
    for name in ("one.json", "other.json"):
        subprocess.run([sys.executable, "-m", "tools.sbom", str(tmp_path / name)], cwd=PROJECT, check=True)
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]
