insert into event_delivery.reconciliation (
  destination, first_day, last_day, queried_at, clean, totals, unknown, differing, differing_count, report, sha256,
  run_id
)
values (
  %(destination)s, %(first)s, %(last)s, %(queried_at)s, %(clean)s, %(totals)s, %(unknown)s, %(differing)s,
  %(differing_count)s, %(report)s, %(sha256)s, %(run_id)s
)
