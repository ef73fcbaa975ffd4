delete from event_delivery.delivery_attempt
where id in (select id from event_delivery.needless_attempt where delivery_id = any(%(ids)s))
