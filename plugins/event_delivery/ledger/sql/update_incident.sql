update event_delivery.incident
set
  kind = %(kind)s, severity = %(severity)s, cause = %(cause)s, hits = %(hits)s, last_seen_at = %(last_seen_at)s
where id = %(id)s and closed_at is null
