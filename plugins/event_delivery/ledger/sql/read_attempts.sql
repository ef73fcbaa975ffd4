select attempt, run_id, started_at, ended_at, send_seconds, bytes_sent, error, permanent
from event_delivery.delivery_attempt
where delivery_id = %(id)s
order by attempt
