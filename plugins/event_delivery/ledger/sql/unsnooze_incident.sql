update event_delivery.incident
set snoozed_until = null, snooze_reason = null
where id = %(id)s and closed_at is null
returning id
