insert into event_delivery.delivery_record as recorded (
  destination, event, interval_start, interval_end, kind, state, last_error, permanent, dag_id, run_id, failed_at,
  held_sha256
)
values (
  %(destination)s, %(event)s, %(interval_start)s, %(interval_end)s, %(kind)s, %(state)s, %(error)s, %(permanent)s,
  %(dag_id)s, %(run_id)s, now(), %(held)s
)
on conflict (destination, event, interval_start, interval_end, kind) do update
set
  failed_at = now(),
  state = case when recorded.state in ('delivered', 'unconfirmed', 'skipped') then recorded.state else excluded.state end,
  last_error = case when recorded.state = 'unconfirmed' then recorded.last_error else excluded.last_error end,
  permanent = case when recorded.state = 'unconfirmed' then recorded.permanent else excluded.permanent end,
  dag_id = excluded.dag_id,
  run_id = excluded.run_id,
  held_sha256 = excluded.held_sha256
