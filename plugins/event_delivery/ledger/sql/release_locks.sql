delete from event_delivery.held_delivery
where pid = pg_backend_pid()
