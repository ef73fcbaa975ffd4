update event_delivery.incident_message
set state = 'to be sent', tries = tries - 1, not_before = %(not_before)s
where id = %(id)s
