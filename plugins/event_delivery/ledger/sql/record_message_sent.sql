update event_delivery.incident_message
set state = 'sent', sent_at = %(now)s, last_error = null
where id = %(id)s
