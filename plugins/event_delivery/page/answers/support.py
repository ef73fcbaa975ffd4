"""What may a client's engineers be told about a delivery, to find out on their side what happened?"""

from __future__ import annotations

from event_delivery.page.answers.shapes.delivery import Attempt, DeliveryFacts, Supplement

_ATTEMPTS_SHOWN = 15
_UNCONFIRMED = "unconfirmed: your server accepted the file, and it was gone when we looked. Do you have it?"
_HELD = "not sent yet: we first look into the number of its events"
# instead of the ledger's reason, which says what our operators can do
_GONE = "accepted by your server, gone when we looked"
_WAITING = {"unconfirmed": _UNCONFIRMED, "held": _HELD}
_SAID = _WAITING | {"skipped": "skipped: that day had no events, and you get no file of such a day"}


def describe_for_client(delivery: DeliveryFacts) -> str:
    """Return a plain summary; it holds names, times, counts and reasons, and no learner's data."""
    doubted = delivery["state"] in _WAITING or any(attempt["unconfirmed"] for attempt in delivery["attempts"])
    lines = [
        f"{delivery['client']}: {delivery['event']}, {delivery['day']}"
        + (" (test file)" if delivery["kind"] == "test" else ""),
        _line("File", delivery["file_name"]),
        _line("Path on your server", delivery["remote_path"]),
        _line("Due", delivery["due"]),
        _line("State", _SAID.get(delivery["state"] or "", delivery["state"])),
        _line("Delivered", delivery["delivered_at"]),
        _line("Rows", delivery["rows"]),
        _line("Bytes", delivery["bytes"]),
        _line("SHA-256", delivery["sha256"]),
        _line("Last error", None if doubted else delivery["last_error"]),
        *(_describe_supplement(each) for each in delivery["supplements"] if each["delivered_at"]),
        *_list_attempts(delivery["attempts"]),
    ]
    return "\n".join(line for line in lines if line) + "\n"


def _describe_supplement(supplement: Supplement) -> str:
    more = ", replaced by the file of the whole day since" if supplement["replaced"] else ""
    return (
        f"Supplement {supplement['number']}: {supplement['file_name']}, {supplement['rows']} rows, "
        f"{supplement['delivered_at']}, SHA-256 {supplement['sha256']}{more}"
    )


def _list_attempts(attempts: list[Attempt]) -> list[str]:
    if not attempts:
        return []
    heading = f"Attempts (UTC), {len(attempts)} in all:"
    return [heading, *(_describe_attempt(attempt) for attempt in attempts[-_ATTEMPTS_SHOWN:])]


def _describe_attempt(attempt: Attempt) -> str:
    ended = attempt["ended_at"] is not None
    error = _GONE if attempt["unconfirmed"] else attempt["error"]
    result = (error or "delivered") if ended else "not ended, or cut off"
    return f"  {attempt['attempt']:>3}  {attempt['started_at']}  {result}"


def _line(name: str, value: object) -> str:
    return "" if value is None else f"{name}: {value}"
