update event_delivery.incident
set
  acknowledged_by = coalesce(acknowledged_by, %(user)s), acknowledged_at = coalesce(acknowledged_at, %(now)s)
where id = %(id)s and closed_at is null
returning id
