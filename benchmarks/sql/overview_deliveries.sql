with made as (
  select
    destination, 'courseCompletion' as event, day::timestamp at time zone zone as interval_start,
    (day + 1)::timestamp at time zone zone as interval_end, destination || '-' || day || '.json' as file_name,
    number %% 100 * 1000 as rows, number %% 100 * 600000 as bytes,
    case when number %% 50 = 0 then 'failed' else 'delivered' end as state,
    case when number %% 20 = 0 then 3 else 1 end as attempts,
    case when number %% 50 > 0 then (day + 1)::timestamp at time zone zone + interval '2 hours 1 minute' end
      as delivered_at,
    (day + 1)::timestamp at time zone zone + interval '2 hours' as first_attempt_at, day
  from unnest(%(destinations)s::text[], %(zones)s::text[]) as made (destination, zone)
  cross join lateral (select (now() at time zone zone - interval '2 hours')::date - 1 as last) as latest
  cross join lateral (
    select day::date as day, ('x' || left(md5(destination || day), 6))::bit(24)::int as number
    from generate_series(last - %(days)s + 1, last::timestamp, interval '1 day') as day
  ) as days
), recorded as (
  insert into event_delivery.delivery_record (
    destination, event, interval_start, interval_end, kind, state, attempts, first_attempt_at, delivered_at, seconds,
    last_error, dag_id, run_id
  )
  select
    destination, event, interval_start, interval_end, 'nightly', state, attempts, first_attempt_at, delivered_at, 2.5,
    'files.example:22: the server refused the password.', 'nightly_sftp_events__' || destination, 'scheduled__' || day
  from made
  returning id, destination, interval_start
)
insert into event_delivery.delivery_file (
  delivery_id, number, file_name, recipe, rows, bytes, sha256, state, remote_path
)
select id, 1, file_name, '{"format": "json"}', rows, bytes, repeat('ab', 32), state, '/in/' || file_name
from made
join recorded using (destination, interval_start)
