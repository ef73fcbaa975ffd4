update event_delivery.delivery_attempt
set error = %(forgotten)s
where delivery_id = any(%(ids)s) and error <> %(forgotten)s
