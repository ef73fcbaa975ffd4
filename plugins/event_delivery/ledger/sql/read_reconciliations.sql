select
  id, first_day, last_day, queried_at, clean, totals, unknown, differing, differing_count, sha256, run_id, recorded_at
from event_delivery.reconciliation
where destination = %(destination)s
order by id desc
limit %(most)s
