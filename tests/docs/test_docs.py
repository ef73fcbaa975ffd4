"""Does the documentation say what the code does?"""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
import yaml

from event_delivery.delivery import Delivery, nightly_delivery
from event_delivery.destinations.destination import Destination
from event_delivery.destinations.file import FIELDS
from event_delivery.destinations.folder import load_destination, load_destinations
from event_delivery.extract.events import extract_events
from event_delivery.extract.sample import stage_sample_event
from event_delivery.formats.delivery_file import format_events
from event_delivery.ledger import open_ledger
from event_delivery.schedule.local_day import LocalDay
from event_delivery.schedule.retries import RETRIES, retry_delay
from event_delivery.staging import Manifest
from tests import PROJECT
from tests.formats.parsed_csv import parse_csv
from tests.sample_events import COMPANY
from tests.sftp_logins import CHARACTERS

README = PROJECT / "README.md"
DESTINATIONS = PROJECT / "docs/destinations.md"
CLIENT_GUIDE = PROJECT / "docs/client-guide.md"
OPERATIONS = PROJECT / "docs/operations.md"
EVENTS = PROJECT / "docs/events.md"
OBJECT_STORE = PROJECT / "docs/object-store.md"
DEFAULTS = PROJECT / "include/destinations/_defaults.yaml"
COMPLETENESS = PROJECT / "docs/completeness.md"
PAGES = [*sorted(PROJECT.glob("*.md")), *sorted(PROJECT.glob("docs/*.md"))]
SAMPLE_DAY = date(2019, 10, 17)


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def section(page: Path, heading: str) -> str:
    """Return what stands under a heading, up to the next of the same or a higher level."""
    level = len(heading.split()[0])
    return re.split(rf"^#{{1,{level}}} ", read(page).split(f"\n{heading}\n", 1)[1], flags=re.MULTILINE)[0]


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def table(text: str) -> list[list[str]]:
    """Return the cells of a text's tables, without their headings."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    dividers = [number for number, row in enumerate(rows) if set("".join(row)) == {"-"}]
    headings = {number - 1 for number in dividers} | set(dividers)
    return [row for number, row in enumerate(rows) if number not in headings]


def code(cell: str) -> str:
    """Return what stands in a cell's code span, or the bare text."""
    match = re.fullmatch(r"`` (.+) ``|`(.+)`", cell)
    return ((match[1] or match[2]) if match else cell).replace("\\|", "|")


def fields() -> dict[str, list[str]]:
    return {code(name): cells for name, *cells in table(section(DESTINATIONS, "## Every field"))}


def format_bytes(delivery: Delivery, staged: Manifest) -> bytes:
    return Path(format_events(delivery, staged).path).read_bytes()


def sample_delivery(acme: Destination, file_format: str) -> Delivery:
    """Acme's delivery of the day of the documented sample event."""
    destination = acme.model_copy(update={"format": file_format})
    return nightly_delivery(destination, "courseCompletion", destination.day(SAMPLE_DAY))


def slug(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def source_text() -> str:
    """The library's source, with texts that span several lines joined."""
    files = sorted((PROJECT / "plugins/event_delivery").rglob("*.py"))
    return re.sub(r'"\s+f?"', "", "".join(read(file) for file in files))


def test_every_field_is_documented():
    """The table has the fields of the model, in its order, and no others."""
    assert list(fields()) == FIELDS


def test_the_documented_defaults_are_the_models():
    """A destination with the required fields alone has what the table says."""
    written = {"none": [None, ()], "ten digits from the id": ["derived"], "`sftp_<destination>`": ["derived"]}
    built = Destination(id="acme", client="Acme", company_id=COMPANY)
    derived = {"connection", "transfer_id"}
    for name, field in Destination.model_fields.items():
        if name == "id":
            continue
        default = fields()[name][1]
        assert field.is_required() == (default == "required"), name
        if field.is_required():
            continue
        value = "derived" if name in derived else getattr(built, name)
        if default in written:
            assert value in written[default], name
        else:
            told = Destination(
                id="acme", client="A", company_id=COMPANY, **yaml.safe_load(f"{name}: {code(default)}")
            )
            assert value == getattr(told, name), name
    assert built.connection == "sftp_acme"
    assert re.fullmatch(r"\d{10}", str(built.transfer_id))


@pytest.mark.parametrize("name", FIELDS)
def test_every_documented_example_is_valid(tmp_path, name):
    """The example of each field may be copied into a file."""
    lines = {"client": "Acme", "company_id": COMPANY, "start_date": "2026-01-01"}
    lines |= {"format": "csv", "companion": "manifest", name: code(fields()[name][3])}
    (tmp_path / "acme.yaml").write_text("".join(f"{field}: {value}\n" for field, value in lines.items()))
    assert isinstance(load_destination("acme", tmp_path), Destination)


def test_the_whole_destination_file_is_valid_and_has_every_field(tmp_path):
    """The largest example is a destination."""
    [text] = blocks(section(DESTINATIONS, "## A destination with everything"), "yaml")
    (tmp_path / "lumen_academy.yaml").write_text(text, encoding="utf-8")
    assert isinstance(load_destination("lumen_academy", tmp_path), Destination)
    assert list(yaml.safe_load(text)) == list(fields())


@pytest.mark.parametrize("line, message", table(section(DESTINATIONS, "## Quarantine")))
def test_a_wrong_line_brings_the_documented_message(tmp_path, line, message):
    """Each message is word for word what load_destinations says."""
    (tmp_path / "acme.yaml").write_text(f"client: Acme\ncompany_id: {COMPANY}\n{code(line)}\n", encoding="utf-8")
    [destination] = load_destinations(tmp_path)
    assert destination.message == code(message)


def test_a_collision_brings_the_documented_message(tmp_path):
    """Two destinations in one folder, and two files of one id."""
    required = f"client: Acme\ncompany_id: {COMPANY}\n"
    for name in ("acme", "birch"):
        (tmp_path / f"{name}.yaml").write_text(f"{required}connection: sftp_shared\npath: /in\n")
    [acme, _] = load_destinations(tmp_path)
    (tmp_path / "acme.yml").write_text(required)
    twice = load_destinations(tmp_path)[0]
    for destination in (acme, twice):
        assert f"\n    {destination.message}\n" in section(DESTINATIONS, "### Collisions")


def test_a_borrowed_connection_and_a_wrong_name_bring_what_is_documented(tmp_path):
    """The message of two clients with one Connection, and the id of a file whose name is none."""
    for name in ("acme", "birch"):
        text = f"client: {name}\ncompany_id: {COMPANY}\nconnection: sftp_shared\npath: /{name}\n"
        (tmp_path / f"{name}.yaml").write_text(text)
    (tmp_path / "acme prod.yaml").write_text("")
    acme, birch, wrong = sorted(load_destinations(tmp_path), key=lambda each: len(each.id))
    shown = section(DESTINATIONS, "### Shared Connections")
    assert f"\n    {acme.message}\n" in shown
    assert "is also that of another client's acme" in birch.message
    assert f"(`{wrong.id}`)" in DESTINATIONS.read_text(encoding="utf-8")


def test_the_readmes_destination_makes_the_readmes_file(tmp_path, staging_area):
    """Name, size and bytes are those that the shown destination brings."""
    text = section(README, "## A destination and its file")
    [destination_file], [delivery_file] = blocks(text, "yaml"), blocks(text, "json")
    (tmp_path / "acme.yaml").write_text(destination_file)
    delivery = sample_delivery(load_destination("acme", tmp_path), "json")
    assert format_bytes(delivery, stage_sample_event(delivery)) == delivery_file.encode()
    assert f"`{delivery.file_name}`, {len(delivery_file.encode())} bytes" in text


@pytest.mark.parametrize("file_format, heading", [("json", "### JSON"), ("csv", "### CSV")])
def test_the_client_guides_samples_are_the_bytes_of_the_sample_event(acme, staging_area, file_format, heading):
    """What a client reads is what a client gets."""
    delivery = sample_delivery(acme, file_format)
    [sample] = blocks(section(CLIENT_GUIDE, heading), file_format)
    assert format_bytes(delivery, stage_sample_event(delivery)) == sample.encode()


def test_the_client_guides_special_values_are_the_same_in_both_formats():
    """The JSON sample is what the CSV sample becomes."""
    text = section(CLIENT_GUIDE, "### Special values")
    [told_csv], [told_json] = blocks(text, "csv"), blocks(text, "json")
    events = parse_csv(told_csv.encode())
    assert len(events) == 2
    lines = ",\n".join(json.dumps(event, ensure_ascii=False) for event in events)
    assert told_json == f"[\n{lines}\n]\n"


def test_the_client_guides_empty_day_is_what_is_delivered(acme, staging_area, events_db):
    """A day without events is an empty array, or the header alone."""
    text = section(CLIENT_GUIDE, "### A day without events")
    [told_csv], [told_json] = blocks(text, "csv"), blocks(text, "json")
    for file_format, told in (("csv", told_csv), ("json", told_json)):
        delivery = sample_delivery(acme, file_format)
        assert format_bytes(delivery, extract_events(delivery)) == told.encode()


def test_the_client_guides_file_name_is_the_sample_days(acme):
    """The name is explained by a true one, its temporary name too."""
    name = sample_delivery(acme, "json").file_name
    stem, file_format = name.split(".")
    prefix, transfer_id, stamp, suffix = re.fullmatch(r"(\w+?)-(\d+)_(.{19})-(\w{7})", stem).groups()
    text = section(CLIENT_GUIDE, "## File names")
    assert f"\n    {name}\n" in text
    assert [code(row[0]) for row in table(text)] == [prefix, transfer_id, stamp, suffix, file_format]
    assert f"\n    .{name}.1.part\n" in section(CLIENT_GUIDE, "## While a file is on its way")


def test_the_client_guides_retries_are_the_promised_ones():
    """The waits and their sum are those of the retry schedule."""
    delays = [retry_delay(attempt) for attempt in range(1, RETRIES + 1)]
    text = " ".join(section(CLIENT_GUIDE, "## When your server cannot be reached").split())
    assert f"after {', '.join(map(str, delays[:-1]))} and {delays[-1]} seconds" in text
    assert f"{sum(delays):,} seconds" in text


def test_the_percent_encoding_table_is_right_and_complete():
    """Every special character stands in the table as urllib.parse.quote writes it."""
    cells = [code(cell) for row in table(section(CLIENT_GUIDE, "## How to write the URL")) for cell in row]
    told = dict(zip(cells[::2], cells[1::2], strict=True))
    told[" "] = told.pop("space")
    assert told == {character: quote(character, safe="") for character in CHARACTERS}


def test_the_table_of_clock_changes_is_the_local_days():
    """Each day's hours and due instant are computed again."""
    acme = Destination(id="acme", client="Acme", company_id=COMPANY)
    for day, hours, due, local in table(section(OPERATIONS, "## Clock changes")):
        local_day = LocalDay(date.fromisoformat(day), acme.timezone)
        instant = local_day.due(acme.deliver_at)
        assert (local_day.end - local_day.start).total_seconds() == int(hours) * 3600
        assert due == f"{instant:%Y-%m-%d %H:%M}"
        assert local[:5] == f"{instant.astimezone(ZoneInfo(acme.timezone)):%H:%M}"


@pytest.mark.parametrize(
    "message",
    [
        code(row[0])
        for row in table(section(OPERATIONS, "## Failure messages")) + table(section(OBJECT_STORE, "## Faults"))
    ],
)
def test_every_explained_failure_message_is_in_the_code(message):
    """A message that no longer exists needs no explanation."""
    source = source_text()
    pieces = [piece.strip(" ,`") for piece in re.split(r"\.\.\.|`, `", message)]
    for piece in filter(None, pieces):
        assert piece.removesuffix(": ").rstrip(":") in source, piece


@pytest.mark.parametrize("page", [README, OPERATIONS, COMPLETENESS], ids=lambda page: page.name)
def test_every_query_runs_on_the_ledger(events_db, page):
    """The shown SQL fits the ledger's tables."""
    with open_ledger():
        pass
    queries = blocks(read(page), "sql")
    assert queries
    for query in queries:
        events_db.execute(query)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    """The linked files exist, and so do the headings."""
    for link in re.findall(r"\]\((?!https://)([^)\s]+)\)", read(page)):
        file, _, anchor = link.partition("#")
        linked = (page.parent / file).resolve() if file else page
        assert linked.exists(), link
        lines = read(linked).splitlines() if linked.suffix == ".md" else []
        headings = {slug(line.lstrip("# ")) for line in lines if line.startswith("#")}
        assert not anchor or anchor in headings, link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_named_make_target_exists(page):
    """Whoever types a command from the documentation finds it."""
    targets = set(re.findall(r"^([a-z-]+):", read(PROJECT / "Makefile"), flags=re.MULTILINE))
    named = set(re.findall(r"(?:`|^ {4})make ([a-z-]+)", read(page), flags=re.MULTILINE))
    assert named <= targets


def test_every_setting_is_documented_and_every_documented_one_is_read():
    """README names the environment variables of the library, and no others."""
    setting = r"EVENT_DELIVERY_[A-Z_]+"
    assert set(re.findall(setting, read(README))) == set(re.findall(setting, source_text()))


def test_the_readmes_layout_exists():
    """Each folder of the tree is there."""
    folders = re.findall(r"^ {4}([a-z_]+)/ ", section(README, "## Layout"), flags=re.MULTILINE)
    assert folders
    assert [folder for folder in folders if not (PROJECT / folder).is_dir()] == []


def test_the_readme_is_short():
    """At most 150 lines, so that it is read to its end."""
    assert len(read(README).splitlines()) <= 150


def test_the_client_guide_names_no_address_of_any_instance():
    """Source addresses are a setting: whoever hands the guide over tells them."""
    assert re.findall(r"\d+\.\d+\.\d+\.\d+", read(CLIENT_GUIDE)) == []
    assert "source addresses" in read(CLIENT_GUIDE)


def test_production_starts_without_a_destination_and_shows_how_to_write_the_first(tmp_path):
    """The folder ships defaults alone; the lines that they show in comments are a destination."""
    assert [file.name for file in DEFAULTS.parent.iterdir()] == [DEFAULTS.name]
    assert load_destinations(DEFAULTS.parent) == []
    shown = "\n".join(re.findall(r"^# (\w+: .*)$", read(DEFAULTS), flags=re.MULTILINE))
    (tmp_path / DEFAULTS.name).write_text(read(DEFAULTS), encoding="utf-8")
    (tmp_path / "acme.yaml").write_text(shown, encoding="utf-8")
    [acme] = load_destinations(tmp_path)
    assert isinstance(acme, Destination)
