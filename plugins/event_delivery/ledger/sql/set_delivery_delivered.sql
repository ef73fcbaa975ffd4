update event_delivery.delivery_record
set state = 'delivered', delivered_at = now(), seconds = %(seconds)s, last_error = null, permanent = null
where id = %(delivery_id)s and attempts = %(attempt)s
