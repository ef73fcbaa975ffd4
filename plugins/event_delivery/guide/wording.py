"""What is a client told of its files, section by section, in words for an integration engineer?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from event_delivery.delivery import Delivery, delivery_of_test_file, nightly_delivery, supplement_of
from event_delivery.destinations import Destination
from event_delivery.guide.columns import GuideColumn, describe_columns
from event_delivery.guide.packing_words import tell_companion, tell_packing
from event_delivery.guide.rules import tell_contact, tell_importing, tell_retries
from event_delivery.guide.section import Section
from event_delivery.guide.text_words import tell_text


def write_guide(destination: Destination, now: datetime) -> list[Section]:
    """Return what a destination's client is told; examples are of the last local day before `now`.

    Raises:
        PermanentError: an event type's sample cannot be read.
    """
    day = (now - timedelta(days=1)).astimezone(UTC).date()
    sections = [_tell_time(destination, now), _tell_place(destination)]
    for event in destination.events:
        night = nightly_delivery(destination, event, destination.day(day))
        sections += [_tell_names(night, now), _tell_columns(night, describe_columns(night))]
    sections += [Section("How the file is written", list(tell_text(destination)))]
    sections += [Section("Compression and encryption", list(tell_packing(destination)))]
    sections += [Section("What follows the file", list(tell_companion(destination)))]
    return [*sections, tell_importing(destination), tell_retries(), tell_contact(destination)]


def _tell_time(destination: Destination, now: datetime) -> Section:
    at, zone = f"{destination.deliver_at:%H:%M}", destination.timezone
    sentences = [
        f"Every day at {at} in {zone} the file of the day before is made and sent: on Friday the file of "
        f"Thursday, with every event from Thursday 00:00 up to, but not including, Friday 00:00 in {zone}. It is "
        "there seconds to minutes later.",
    ]
    if _changes_clocks(zone, now):
        sentences.append("On days when clocks change, a day has 23 or 25 hours, and its file holds all of them.")
    if destination.deliver_within != "0m":
        sentences.append(f"Your own start lies within {destination.deliver_within} after {at}, always the same.")
    return Section("When a file comes", sentences)


def _changes_clocks(zone: str, now: datetime) -> bool:
    """Tell whether a zone's clocks are changed in the year to come."""
    noons = (now + timedelta(days=day) for day in range(366))
    return len({noon.astimezone(ZoneInfo(zone)).utcoffset() for noon in noons}) > 1


def _tell_place(destination: Destination) -> Section:
    name = destination.temporary_name
    where = f"into {destination.path}" if destination.path else "into the folder that your URL names"
    sentences = [f"We log in to your server by SFTP and write {where}."]
    if destination.upload_mode != "direct":
        written = (
            f"{name.prefix}<name>.<attempt>{name.suffix}" if name.suffix else f"{name.prefix}<attempt>.<name>"
        )
        folder = f" in the folder {name.folder}" if name.folder else ""
        sentences.append(
            f"While a file is on its way it is called {written}{folder}; when every byte is there it is renamed. "
            "What has its final name is whole: take only that."
        )
    else:
        sentences.append(
            "It is written under its final name: while it grows, and after a broken attempt until the next one, a "
            "part of it lies there."
        )
    return Section("Where it comes", sentences)


def _tell_names(night: Delivery, now: datetime) -> Section:
    test = delivery_of_test_file(night.destination, night.event, now)
    rows = [
        ("the file of a day", night.file_name),
        ("its first supplement", supplement_of(night, 1).file_name),
        ("a test file", test.file_name),
    ]
    late = night.destination.late_events == "supplement"
    kept = rows if late else [rows[0], rows[2]]
    told = (
        f"{night.event}, for example of {night.day:%Y-%m-%d}. One day has one name: when it is sent "
        f"again, the file "
        "takes the older one's place."
    )
    return Section(f"Names: {night.event}", [told], ("what", "name"), kept)


def _tell_columns(night: Delivery, columns: Sequence[GuideColumn]) -> Section:
    rows = [
        (
            each.name,
            each.type,
            "always" if each.required else "may be missing",
            show_value(each.example),
            each.told,
        )
        for each in columns
    ]
    told = [
        f"Each {night.event} has these, always in this order. Events are ordered by their instant, then by id."
    ]
    return Section(f"Columns: {night.event}", told, ("column", "type", "value", "example", ""), rows)


def show_value(value: object) -> str:
    """Return an example as text; none for no value."""
    return "" if value is None else str(value)
