insert into event_delivery.delivery_record as recorded (
  destination, event, interval_start, interval_end, kind, profile, state, attempts, first_attempt_at, dag_id,
  run_id, current_file, unready, unusual, sent_again_at
)
values (
  %(destination)s, %(event)s, %(interval_start)s, %(interval_end)s, %(kind)s, %(profile)s, 'uploading', 1, now(),
  %(dag_id)s, %(run_id)s, %(number)s, %(unready)s, %(unusual)s,
  case when %(asks_again)s then now() end
)
on conflict (destination, event, interval_start, interval_end, kind) do update
set
  profile = excluded.profile,
  state = case when recorded.state = 'unconfirmed' and not %(sends_again)s then recorded.state else 'uploading' end,
  attempts = recorded.attempts + 1,
  first_attempt_at = coalesce(recorded.first_attempt_at, now()),
  dag_id = excluded.dag_id,
  run_id = excluded.run_id,
  current_file = excluded.current_file,
  delivered_at = case when recorded.state <> 'skipped' then recorded.delivered_at end,
  unready = excluded.unready,
  unusual = excluded.unusual,
  held_sha256 = null,
  sent_again_at = coalesce(excluded.sent_again_at, recorded.sent_again_at)
returning id, attempts
