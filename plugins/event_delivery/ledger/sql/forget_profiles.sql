update event_delivery.delivery_record
set profile = null, last_error = case when last_error is not null then %(forgotten)s end
where id = any(%(ids)s) and state in ('delivered', 'failed', 'cancelled', 'held', 'skipped')
returning id
