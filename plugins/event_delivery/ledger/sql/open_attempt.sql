insert into event_delivery.delivery_attempt (delivery_id, attempt, run_id, try_number)
values (%(delivery_id)s, %(attempt)s, %(run_id)s, %(try_number)s)
returning id
