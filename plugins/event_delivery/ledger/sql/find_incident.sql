select
  incident.id, incident.topic, incident.concerns, incident.kind, incident.severity, incident.cause, incident.hits,
  incident.opened_at, incident.last_seen_at, incident.closed_at, incident.routed_as, incident.acknowledged_by,
  incident.acknowledged_at, incident.snoozed_until, incident.snooze_reason
from event_delivery.incident
where id = %(id)s
