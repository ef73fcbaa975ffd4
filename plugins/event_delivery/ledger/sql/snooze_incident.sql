update event_delivery.incident
set snoozed_until = %(until)s, snooze_reason = %(reason)s
where id = %(id)s and closed_at is null
returning id
