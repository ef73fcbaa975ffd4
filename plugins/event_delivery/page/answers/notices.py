"""Which nights did a quarantine cost, what did a schedule go past, and which file will outgrow its line?"""

from __future__ import annotations

from collections.abc import Sequence

from event_delivery.page.answers.cells import Judged
from event_delivery.page.sources.setup import Setup
from event_delivery.upload.forecast import Forecast

_MEND = "Mended, it shows them as missing: one backfill, Deliver what is missing, delivers them."
_DELIVER = "One backfill, Deliver what is missing, delivers them."


def describe_row(
    setup: Setup, judged: Sequence[Judged], paused: bool, forecasts: Sequence[Forecast] = ()
) -> str | None:
    """Return the sentences above a destination's nights, or None where there is nothing to say.

    While it is paused or disabled, a quarantine costs nothing, and no file grows.
    """
    told = () if paused or not setup.enabled else (f"{forecast}" for forecast in forecasts)
    return " ".join(filter(None, [_describe_nights(setup, judged, paused), *told])) or None


def _describe_nights(setup: Setup, judged: Sequence[Judged], paused: bool) -> str | None:
    if setup.problem and (paused or not setup.enabled):
        return None
    if setup.problem:
        return _describe_cost(_list_days([each for each in judged if each[1]["state"] == "quarantined"]))
    skipped = [each for each in judged if each[0].skipped and each[1]["state"] == "missing"]
    days = _list_days([each for each in skipped if each[0].is_whole])
    parts = sorted({str(night.interval) for night, _ in skipped if not night.is_whole})
    said = [f"No run carries {_count(days)}. {_DELIVER}"] if days else []
    said += [f"No run carries {', '.join(parts)}, part of a day."] if parts else []
    return " ".join(said) or None


def _describe_cost(days: Sequence[str]) -> str:
    if not days:
        return "The quarantine has cost no night so far, in the days shown."
    return f"The quarantine has cost {_count(days)} so far, in the days shown. {_MEND}"


def _list_days(judged: Sequence[Judged]) -> list[str]:
    return sorted({cell["day"] for _, cell in judged})


def _count(days: Sequence[str]) -> str:
    return f"{days[0]}" if len(days) == 1 else f"{len(days)} days, {days[0]} to {days[-1]}"
