"""How does the last look at the coming night read on a terminal?"""

from __future__ import annotations

from event_delivery.page.answers.shapes.preflight import Foreseen, PreflightAnswer
from event_delivery.plain_text import make_plain


def render_look(look: PreflightAnswer) -> str:
    """Return when it was, a line for each thing that would fail, and one for each destination that is fine."""
    if look["looked_at"] is None:
        return "(nobody has looked yet: preflight_deliveries does, each day)"
    old = "" if look["is_current"] else "; another look should have followed"
    head = f"{look['looked']} destinations, looked over at {look['looked_at']}{old}"
    fine = [f"fine: {each['destination']} ({each['server'] or 'no server known'})" for each in look["fine"]]
    return "\n".join(make_plain(line) for line in (head, *map(_render, look["findings"]), *fine))


def _render(foreseen: Foreseen) -> str:
    whose = ", ".join(foreseen["destinations"]) or "every destination"
    return f"{foreseen['kind']}: {whose}: {foreseen['told']} {foreseen['advice']}"
