"""Is a destination file read as contracted, and a wrong one told plainly?"""

from collections import Counter
from datetime import date, time, timedelta
from pathlib import Path

import pytest

from event_delivery.delivery import nightly_delivery
from event_delivery.destinations.destination import Destination, derive_transfer_id
from event_delivery.destinations.folder import load_destination, load_destinations
from event_delivery.destinations.quarantined import QuarantinedDestination

REQUIRED = "client: Acme\ncompany_id: 3aabdfb8-3891-5011-ad35-8e2351c5fdaf\n"


def load(folder: Path, **files: str) -> dict[str, Destination | QuarantinedDestination]:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return {destination.id: destination for destination in load_destinations(folder)}


def message(folder: Path, text: str) -> str:
    destination = load(folder, acme=text)["acme"]
    assert isinstance(destination, QuarantinedDestination), destination
    return destination.message


def test_two_fields_are_enough(tmp_path):
    """Everything else has the promised value."""
    acme = load(tmp_path, acme=REQUIRED)["acme"]
    assert (acme.connection, acme.path, acme.format) == ("sftp_acme", None, "json")
    assert (acme.timezone, acme.deliver_at) == ("America/New_York", time(2))
    assert (acme.events, acme.catchup, acme.enabled) == (("courseCompletion",), False, True)
    assert acme.transfer_id == derive_transfer_id("acme")
    assert len(str(acme.transfer_id)) == 10


@pytest.mark.parametrize("wait, minutes", [("0m", 0), ("30m", 30), ("2h", 120), ("360m", 360), ("6h", 360)])
def test_a_wait_is_minutes_or_hours(tmp_path, wait, minutes):
    """As it is written; two hours where a file says nothing, and a night that fails where the source is late."""
    acme = load(tmp_path, acme=REQUIRED + f"wait_for_source: {wait}\n")["acme"]
    assert (acme.wait_for_source, acme.source_wait) == (wait, timedelta(minutes=minutes))
    promised = load(tmp_path, acme=REQUIRED)["acme"]
    assert (promised.source_wait, promised.source_not_ready) == (timedelta(hours=2), "fail")


def test_every_field_is_read(tmp_path):
    """A file with all fields."""
    text = REQUIRED + (
        'connection: c\npath: /in\nformat: csv\ntimezone: Europe/Berlin\ndeliver_at: "03:30"\n'
        "start_date: 2026-01-31\ntransfer_id: 7\ncatchup: true\nenabled: false\nevents: [courseCompletion]\n"
        "keep_days: 0\n"
    )
    acme = load(tmp_path, acme=text)["acme"]
    assert acme.deliver_at == time(3, 30)
    assert acme.start_date == date(2026, 1, 31)
    assert acme.keep_days == 0
    assert (acme.transfer_id, acme.path, acme.enabled) == (7, "/in", False)


def test_defaults_stand_in_for_missing_fields_only(tmp_path):
    """`_defaults.yaml` gives way to the destination's own file."""
    files = {"_defaults": "format: csv\ntimezone: Asia/Kolkata\n", "acme": REQUIRED + "format: json\n"}
    acme = load(tmp_path, **files)["acme"]
    assert (acme.format, acme.timezone) == ("json", "Asia/Kolkata")


@pytest.mark.parametrize(
    "line", ["encryption: {recipients: openpgp_us}", "path: /in", "contact: it@us.example", "split: {rows: 5}"]
)
def test_null_takes_back_what_the_defaults_say(tmp_path, line):
    """A word that somebody wrote on purpose, unlike an empty value, means none."""
    name, manifest = line.split(":")[0], "companion: manifest\n"
    files = {"_defaults": manifest + line, "acme": f"{REQUIRED}\n{name}: null\n", "birch": REQUIRED}
    loaded = load(tmp_path, **files)
    assert getattr(loaded["acme"], name) is None
    assert getattr(loaded["birch"], name) is not None


def test_a_wrong_default_is_blamed_on_the_defaults_file(tmp_path):
    """The message names the file to mend."""
    loaded = load(tmp_path, _defaults="format: xml\n", acme=REQUIRED)
    assert (
        "_defaults.yaml: field 'format': found 'xml', wanted 'csv', 'json', 'ndjson' or 'parquet'"
        in loaded["acme"].message
    )


@pytest.mark.parametrize(
    "line, wanted",
    [
        ("format: xml", "acme.yaml: field 'format': found 'xml', wanted 'csv', 'json', 'ndjson' or 'parquet'"),
        ("formatt: csv", "did you mean 'format'?"),
        (
            "format: parquet\ncompression: gzip",
            "field 'compression': found 'gzip' beside format: parquet, which compresses its columns itself",
        ),
        ("format: parquet\ncsv: {null: x}", "field 'csv': found options of CSV beside format: parquet; wanted"),
        ("timezone: Mars/Base", "found 'Mars/Base', wanted an IANA time zone"),
        ("deliver_at: 25:00", "field 'deliver_at': found '25:00', wanted a time of day"),
        ("deliver_at: 2", "field 'deliver_at': found 2, wanted a time of day"),
        ("wait_for_source: 90", "field 'wait_for_source': found 90, wanted minutes or hours, such as 30m or 2h"),
        ("wait_for_source: 1.5h", "found '1.5h', wanted minutes or hours, such as 30m or 2h, at most 6h"),
        ("wait_for_source: 7h", "found '7h', wanted at most 6h: the night's upload may take hours, too"),
        ("wait_for_source: 361m", "found '361m', wanted at most 6h"),
        ("source_not_ready: wait", "field 'source_not_ready': found 'wait', wanted 'deliver' or 'fail'"),
        ("start_date: tomorrow", "field 'start_date': found 'tomorrow', wanted a date"),
        ("start_date: 0001-01-01", "found '0001-01-01', wanted a date from 1970-01-01 to 2199-12-31"),
        ("start_date: 9999-12-31", "found '9999-12-31', wanted a date from 1970-01-01 to 2199-12-31"),
        ("transfer_id: 0123", "field 'transfer_id': found '0123', wanted a valid integer"),
        ("events: [courseStarted]", "found ['courseStarted'], wanted a list, each once, of: courseCompletion"),
        ("events: []", "field 'events': found []"),
        ("company_id: 1.5", "field 'company_id': found 1.5, wanted a UUID, an integer or text of at most 200"),
        ("company_id: true", "field 'company_id': found True, wanted a UUID, an integer or text"),
        ("company_id: ' '", "field 'company_id': found ' ', wanted"),
        ('company_id: "a\\nb"', "field 'company_id': found 'a\\nb', wanted"),
        (f"company_id: {'x' * 201}", "wanted a UUID, an integer or text of at most 200 printable characters"),
        ("enabled: 'yes'", "field 'enabled': found 'yes', wanted a valid boolean"),
        ("catchup: true", "wanted a start_date"),
        ("connection: events_db", "field 'connection': found 'events_db', wanted the Connection of a client's"),
        ("connection: ledger_db", "field 'connection': found 'ledger_db', wanted the Connection of a client's"),
        ('path: "/in\\x1b[31m"', "wanted text without control characters and others that do not show"),
        ('client: "Acme \\u202egpj"', "wanted text without control characters and others that do not show"),
        (f"path: /{'x' * 1_000}", "wanted at most 1,000 characters"),
        (f"transfer_id: {10**18}", "wanted less than or equal to 999999999999999999"),
        ("keep_days: -1", "field 'keep_days': found -1, wanted greater than or equal to 0"),
        ("keep_days: 3651", "field 'keep_days': found 3651, wanted less than or equal to 3650"),
        ("keep_days: '30'", "field 'keep_days': found '30', wanted a valid integer"),
        ("path: /in/../out", "field 'path': found '/in/../out'"),
        ("host_key: nonsense", "field 'host_key': found 'nonsense'"),
        ("client: ''", "field 'client'"),
        ("format: csv\nformat: json", "field 'format' stands twice"),
        ("id: other", "the file's name is the id"),
        ("format:", "acme.yaml: line 3, column 8: field 'format': found no value, wanted one, or no such line"),
        ("encryption:\n#  recipients: openpgp_acme", "field 'encryption': found no value"),
        ("split:  # rows: 5", "field 'split': found no value"),
        ("encryption: {recipients: openpgp_acme, sign_with: }", "field 'sign_with': found no value"),
        ("only: {title: }", "field 'title': found no value"),
        ("path: ~", "field 'path': found ~, which YAML reads as null, wanted '~' in quotes, or null"),
        ("path: ''", "field 'path': found '', wanted text"),
        ("yes: csv", "found True as the name of a field, wanted text"),
        ("deliver_at: '0٢:00'", "found '0٢:00', wanted a time of day in quotes"),
        ("format: csv\ncsv: {1: 2}", "field 'csv.1': found 1, wanted the name of an option, as text"),
    ],
)
def test_a_wrong_field_is_named_with_what_was_found_and_wanted(tmp_path, line, wanted):
    """File, field, value found and value wanted stand in the message."""
    required = [each for each in REQUIRED.splitlines() if each.split(":")[0] != line.split(":")[0]]
    assert wanted in message(tmp_path, "\n".join([*required, line]))


@pytest.mark.parametrize(
    "text",
    [
        REQUIRED + "password: hunter2",
        REQUIRED + "private_key: hunter2",
        REQUIRED + "connection: sftp://acme:hunter2@host/",
        REQUIRED + "path: sftp://acme:hunter2@host/../",
        "client: [\npassword: hunter2",
        "password hunter2",
    ],
)
def test_a_secret_is_refused_and_never_repeated(tmp_path, text):
    """Secrets belong in the Connection; a message must not carry them on."""
    assert "hunter2" not in message(tmp_path, text)


@pytest.mark.parametrize(
    "text, company",
    [
        ("42", "42"),
        ("'042'", "042"),
        ("042", "042"),
        ("Größe & Söhne #1", "Größe & Söhne"),
        ("-7", "-7"),
        ("a", "a"),
    ],
)
def test_a_company_is_a_uuid_a_number_or_text(tmp_path, text, company):
    """As the source has it; leading zeros stay."""
    [acme] = load(tmp_path, acme=f"client: Acme\ncompany_id: {text}\n").values()
    assert acme.company_id == company


def test_missing_fields_are_named(tmp_path):
    """An empty file says what it lacks."""
    assert "field 'client': found nothing" in message(tmp_path, "")
    assert "field 'company_id': found nothing" in message(tmp_path, "")


def test_one_wrong_file_among_fifty_leaves_forty_nine(tmp_path):
    """Nobody pays for another's mistake."""
    files = {f"client_{number}": REQUIRED for number in range(49)} | {"broken": "{"}
    loaded = load(tmp_path, **files)
    assert sum(isinstance(destination, Destination) for destination in loaded.values()) == 49
    assert isinstance(loaded["broken"], QuarantinedDestination)


@pytest.mark.parametrize("name", ["my client", "über", "-dash", "a.b"])
def test_a_file_name_that_is_no_id_is_quarantined(tmp_path, name):
    """The id must fit Airflow's and be typed on a command line."""
    (tmp_path / f"{name}.yaml").write_text(REQUIRED)
    [destination] = load_destinations(tmp_path)
    assert isinstance(destination, QuarantinedDestination)
    assert name in destination.message


def test_a_duplicate_id_is_quarantined(tmp_path):
    """acme.yaml and acme.yml claim the same id."""
    (tmp_path / "acme.yml").write_text(REQUIRED)
    loaded = load(tmp_path, acme=REQUIRED)
    assert "stands twice" in loaded["acme"].message


def test_destinations_that_share_connection_and_path_are_both_quarantined(tmp_path):
    """One client's events must not land in another's folder; which is right only a person knows."""
    shared = REQUIRED + "connection: c\npath: /in"
    loaded = load(tmp_path, a=shared, b=shared + "/", c=REQUIRED)
    assert "the same as of b" in loaded["a"].message
    assert "the same as of a" in loaded["b"].message
    assert isinstance(loaded["c"], Destination)


CLIENTS = {
    "other client": ("client: Birch\ncompany_id: 2\n", "client: Cedar\ncompany_id: 3\n"),
    "other name only": ("client: Birch\ncompany_id: 2\n", "client: Cedar\ncompany_id: 2\n"),
    "other company only": ("client: Birch\ncompany_id: 2\n", "client: Birch\ncompany_id: 3\n"),
}


@pytest.mark.parametrize("files", CLIENTS.values(), ids=CLIENTS)
@pytest.mark.parametrize("said", [(), ("birch",), ("cedar",)])
def test_one_connection_for_two_clients_is_refused(tmp_path, files, said):
    """Events of one must not reach the other's server; one file's word is not enough."""
    shared = dict(zip(("birch", "cedar"), files, strict=True))
    for name in shared:
        shared[name] += f"connection: sftp_both\npath: /{name}\n"
        shared[name] += "shared_connection: true\n" if name in said else ""
    loaded = load(tmp_path, **shared, acme=REQUIRED)
    assert (
        "which is also that of another client's cedar; wanted a Connection of its own" in loaded["birch"].message
    )
    assert "which is also that of another client's birch" in loaded["cedar"].message
    assert isinstance(loaded["acme"], Destination)


def test_one_connection_for_two_clients_may_be_said_on_purpose(tmp_path):
    """In both files."""
    both = "connection: sftp_both\nshared_connection: true\n"
    birch, cedar = CLIENTS["other client"]
    loaded = load(tmp_path, birch=f"{birch}{both}path: /b\n", cedar=f"{cedar}{both}path: /c\n")
    assert all(isinstance(each, Destination) for each in loaded.values())


def test_a_client_may_use_its_connection_twice(tmp_path):
    """With a folder for each of its destinations."""
    loaded = load(tmp_path, acme=REQUIRED, acme_csv=REQUIRED + "connection: sftp_acme\npath: /csv\nformat: csv\n")
    assert all(isinstance(each, Destination) for each in loaded.values())


@pytest.mark.parametrize("path", ["", "path: /elsewhere\n"])
@pytest.mark.parametrize("said", ["", "shared_connection: true\n"])
def test_whom_a_connection_is_named_for_is_not_stopped_by_a_borrower(tmp_path, path, said):
    """A colleague who writes another's Connection into his file stops his own destination only."""
    borrower = f"client: Birch\ncompany_id: 2\nconnection: sftp_acme\n{path}{said}"
    loaded = load(tmp_path, acme=REQUIRED, birch=borrower)
    assert isinstance(loaded["acme"], Destination)
    assert "found 'sftp_acme', which is also that of another client's acme" in loaded["birch"].message


def test_a_disabled_destination_holds_no_connection(tmp_path):
    """It delivers nothing."""
    birch, cedar = (text + "connection: c\n" for text in CLIENTS["other client"])
    loaded = load(tmp_path, birch=birch, cedar=cedar + "enabled: false\n")
    assert all(isinstance(each, Destination) for each in loaded.values())


def test_one_destination_is_loaded_without_the_others(tmp_path):
    """A task's process reads one file, whatever the others hold."""
    load(tmp_path, acme=REQUIRED, broken="{")
    assert load_destination("acme", tmp_path).client == "Acme"


def test_the_starts_of_many_are_spread_and_each_keeps_its_own(acme):
    """By the id alone: no other destination moves it, and no name of a file knows of it."""
    many = [acme.model_copy(update={"id": f"client_{n}", "deliver_within": "30m"}) for n in range(1_000)]
    starts = [each.schedule.starts_after for each in many]
    assert starts == [each.model_copy().schedule.starts_after for each in many]
    assert min(starts) >= timedelta(0)
    assert max(starts) < timedelta(minutes=30)
    minutes = Counter(start // timedelta(minutes=1) for start in starts)
    assert len(minutes) == 30
    assert max(minutes.values()) < 70
    twice = many[0].model_copy(update={"deliver_within": "1h"})
    assert abs(twice.schedule.starts_after - 2 * starts[0]) <= timedelta(seconds=1)
    day = acme.day(date(2026, 3, 9))
    usual = nightly_delivery(acme.model_copy(update={"id": "client_0"}), "courseCompletion", day)
    assert nightly_delivery(many[0], "courseCompletion", day).file_name == usual.file_name
    assert acme.schedule.starts_after == timedelta(0)
