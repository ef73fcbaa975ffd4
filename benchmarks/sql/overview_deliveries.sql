insert into event_delivery.delivery (
  destination, event, interval_start, interval_end, kind, file_name, remote_path, rows, bytes, sha256, state,
  attempts, first_attempt_at, delivered_at, seconds, last_error, dag_id, run_id
)
select
  destination, 'courseCompletion', day::timestamp at time zone zone, (day + 1)::timestamp at time zone zone,
  'nightly', destination || '-' || day || '.json', '/in/' || destination || '-' || day || '.json',
  number %% 100 * 1000, number %% 100 * 600000, repeat('ab', 32),
  case when number %% 50 = 0 then 'failed' else 'delivered' end,
  case when number %% 20 = 0 then 3 else 1 end,
  (day + 1)::timestamp at time zone zone + interval '2 hours',
  case when number %% 50 > 0 then (day + 1)::timestamp at time zone zone + interval '2 hours 1 minute' end,
  2.5, 'files.example:22: the server refused the password.',
  'nightly_sftp_events__' || destination, 'scheduled__' || day
from unnest(%(destinations)s::text[], %(zones)s::text[]) as made (destination, zone)
cross join lateral (select (now() at time zone zone - interval '2 hours')::date - 1 as last) as latest
cross join lateral (
  select day::date as day, ('x' || left(md5(destination || day), 6))::bit(24)::int as number
  from generate_series(last - %(days)s + 1, last::timestamp, interval '1 day') as day
) as days
