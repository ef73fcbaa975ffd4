"""How do the incidents read on a terminal?"""

from __future__ import annotations

from event_delivery.page.answers.shapes.incident import Incident, IncidentMessage, Incidents
from event_delivery.plain_text import make_plain


def render_incidents(answer: Incidents) -> str:
    """Return a paragraph for each incident."""
    paragraphs = ["\n".join(map(make_plain, _render(each))) for each in answer["incidents"]]
    return "\n\n".join(paragraphs) or "(no incident)"


def _render(incident: Incident) -> list[str]:
    names = ", ".join(hit["destination"] for hit in incident["hits"])
    end = f" until {incident['closed_at']}" if incident["closed_at"] else ""
    lines = [
        f"{incident['id']} [{incident['severity']}] {incident['title']}",
        f"  since {incident['opened_at']}{end}",
        f"  destinations: {names or 'none'}",
        f"  cause: {incident['cause']}",
        f"  to do: {incident['advice']}",
    ]
    if incident["acknowledged_by"]:
        lines.append(f"  seen by {incident['acknowledged_by']} at {incident['acknowledged_at']}")
    if incident["snoozed_until"]:
        lines.append(f"  snoozed until {incident['snoozed_until']}: {incident['snooze_reason']}")
    return lines + [_render_message(each) for each in incident["messages"]]


def _render_message(message: IncidentMessage) -> str:
    told = f"{message['sent_at']}" if message["sent_at"] else message["state"]
    why = f": {message['error']}" if message["error"] else ""
    return f"  {message['ending']} to {message['recipient']}: {told}{why}"
