"""How do staged events become the file that the client gets?

Postgres has rendered them in order, and `extract` staged them as that file's bytes, hashed as they came. So the
file is what was staged under another name; `upload` proves every byte of it while it is sent.
"""

from __future__ import annotations

from dataclasses import replace

from event_delivery.delivery import Delivery
from event_delivery.formats.dressing import dress_events
from event_delivery.formats.made_once import describe_making, find_made
from event_delivery.formats.parted import write_parts
from event_delivery.staging import (
    Manifest,
    name_again,
    read_manifest,
    read_staged,
    stage_file,
    write_manifest,
)


def format_staged_events(delivery: Delivery) -> Manifest:
    """Make the delivery file of what `extract` staged; raises as `format_events` does."""
    return format_events(delivery, read_manifest(delivery, delivery.staged_name))


def format_events(delivery: Delivery, staged: Manifest) -> Manifest:
    """Make the delivery file from the staged events; it takes no longer for many than for one.

    Raises:
        StagedGoneError: the staged events have expired, or are not those that were checked.
        PermanentError: an event cannot be written so, or a key is missing, wrong or expired.
        RetryableError: the staging area cannot be written.
    """
    if delivery.destination.is_classic:
        return write_manifest(delivery, delivery.file_name, name_again(delivery, staged, delivery.file_name))
    made_for = describe_making(delivery)
    made = find_made(delivery, staged, made_for) or _dress(delivery, staged)
    manifest = replace(
        staged, path=made.path, bytes=made.bytes, sha256=made.sha256, stored=made.stored,
        plain_sha256=staged.sha256, made_for=made_for, parts=made.parts, part_tail=made.part_tail,
    )  # fmt: skip
    return write_manifest(delivery, delivery.file_name, manifest)


def _dress(delivery: Delivery, staged: Manifest) -> Manifest:
    if split := delivery.destination.split:
        with read_staged(staged) as events:
            return write_parts(delivery, split, staged, events)
    with read_staged(staged) as events, stage_file(delivery, delivery.file_name) as target:
        for block in dress_events(delivery, staged, events):
            target.write(block)
    return target.manifest(staged.rows)
