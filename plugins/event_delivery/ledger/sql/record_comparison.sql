insert into event_delivery.comparison as recorded (
  destination, event, interval_start, interval_end, compared_at, found_at, rows, id_digest, late, deleted,
  differs, handling, delivered_until
)
values (
  %(destination)s, %(event)s, %(interval_start)s, %(interval_end)s, %(compared_at)s,
  case when %(differs)s then %(compared_at)s::timestamptz end, %(rows)s, %(id_digest)s, %(late)s, %(deleted)s,
  %(differs)s, %(handling)s, %(delivered_until)s
)
on conflict (destination, event, interval_start, interval_end) do update
set
  compared_at = excluded.compared_at,
  found_at = case when excluded.differs then coalesce(recorded.found_at, excluded.found_at) end,
  rows = excluded.rows,
  id_digest = excluded.id_digest,
  late = excluded.late,
  deleted = excluded.deleted,
  differs = excluded.differs,
  handling = excluded.handling,
  delivered_until = excluded.delivered_until
