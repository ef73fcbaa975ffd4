select
  incident.id, incident.topic, incident.concerns, incident.kind, incident.severity, incident.cause, incident.hits,
  incident.opened_at, incident.last_seen_at, incident.closed_at, incident.routed_as, incident.acknowledged_by,
  incident.acknowledged_at, incident.snoozed_until, incident.snooze_reason
from event_delivery.incident
where
  (closed_at is null or closed_at > %(closed_since)s)
  and (
    %(destination)s::text is null
    or hits @> jsonb_build_array(jsonb_build_object('destination', %(destination)s::text))
  )
order by closed_at is not null, opened_at desc, id desc
