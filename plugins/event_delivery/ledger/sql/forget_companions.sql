delete from event_delivery.delivery_companion where delivery_id = %(delivery_id)s and name = any(%(names)s)
