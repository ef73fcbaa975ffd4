delete from event_delivery.held_delivery
where holder = %(holder)s or expires_at is null and pid = pg_backend_pid()
