insert into event_delivery.delivery_attempt (delivery_id, attempt, run_id)
values (%(delivery_id)s, %(attempt)s, %(run_id)s)
returning id
