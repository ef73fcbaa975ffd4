insert into dag_run (
  dag_id, run_id, run_type, state, logical_date, data_interval_start, data_interval_end, run_after, conf,
  clear_number, log_template_id
)
select
  'nightly_sftp_events__' || destination, 'scheduled__' || day, 'scheduled',
  case when number %% 50 > 0 then 'success' when day = last then 'running' else 'failed' end,
  day::timestamp at time zone zone, day::timestamp at time zone zone, (day + 1)::timestamp at time zone zone,
  (day + 1)::timestamp at time zone zone + interval '2 hours', '{}', 0, null
from unnest(%(destinations)s::text[], %(zones)s::text[]) as made (destination, zone)
cross join lateral (select (now() at time zone zone - interval '2 hours')::date - 1 as last) as latest
cross join lateral (
  select day::date as day, ('x' || left(md5(destination || day), 6))::bit(24)::int as number
  from generate_series(last - %(days)s + 1, last::timestamp, interval '1 day') as day
) as days
