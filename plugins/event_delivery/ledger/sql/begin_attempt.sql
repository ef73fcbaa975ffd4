insert into event_delivery.delivery as recorded (
  destination, event, interval_start, interval_end, kind, file_name, rows, bytes, sha256, profile,
  state, attempts, first_attempt_at, dag_id, run_id
)
values (
  %(destination)s, %(event)s, %(interval_start)s, %(interval_end)s, %(kind)s, %(file_name)s, %(rows)s,
  %(bytes)s, %(sha256)s, %(profile)s, 'uploading', 1, now(), %(dag_id)s, %(run_id)s
)
on conflict (destination, event, interval_start, interval_end, kind) do update
set
  file_name = excluded.file_name,
  rows = excluded.rows,
  bytes = excluded.bytes,
  sha256 = excluded.sha256,
  profile = excluded.profile,
  state = 'uploading',
  step = case when %(retrying)s and recorded.sha256 = excluded.sha256 then recorded.step end,
  attempts = recorded.attempts + 1,
  first_attempt_at = coalesce(recorded.first_attempt_at, now()),
  dag_id = excluded.dag_id,
  run_id = excluded.run_id
returning attempts
