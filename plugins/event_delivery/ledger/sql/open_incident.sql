insert into event_delivery.incident (
  topic, concerns, kind, severity, cause, hits, opened_at, last_seen_at, closed_at
)
values (
  %(topic)s, %(concerns)s, %(kind)s, %(severity)s, %(cause)s, %(hits)s, %(opened_at)s, %(last_seen_at)s,
  %(closed_at)s
)
on conflict (topic, concerns, opened_at) do update
set last_seen_at = excluded.last_seen_at
returning id
