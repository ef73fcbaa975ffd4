update event_delivery.delivery_record
set state = %(state)s, last_error = %(error)s, permanent = %(permanent)s
where id = %(delivery_id)s and attempts = %(attempt)s
