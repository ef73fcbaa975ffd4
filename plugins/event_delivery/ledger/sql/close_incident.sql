update event_delivery.incident
set closed_at = %(closed_at)s
where id = %(id)s and closed_at is null
