delete from event_delivery.incident
where closed_at < now() - %(days)s * interval '1 day'
