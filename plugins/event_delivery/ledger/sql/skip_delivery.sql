insert into event_delivery.delivery_record as recorded (
  destination, event, interval_start, interval_end, kind, profile, state, delivered_at, dag_id, run_id, current_file,
  unready, unusual
)
values (
  %(destination)s, %(event)s, %(interval_start)s, %(interval_end)s, %(kind)s, %(profile)s, 'skipped', now(),
  %(dag_id)s, %(run_id)s, %(number)s, %(unready)s, %(unusual)s
)
on conflict (destination, event, interval_start, interval_end, kind) do update
set
  profile = excluded.profile,
  state = 'skipped',
  delivered_at = now(),
  seconds = null,
  last_error = null,
  permanent = null,
  dag_id = excluded.dag_id,
  run_id = excluded.run_id,
  current_file = excluded.current_file,
  unready = excluded.unready,
  unusual = excluded.unusual,
  held_sha256 = null
returning id
