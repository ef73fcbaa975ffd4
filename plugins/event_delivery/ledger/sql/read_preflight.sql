select
  looked.looked_at,
  looked.destinations,
  (
    select coalesce(jsonb_agg(jsonb_build_array(destination, kind, told, advice) order by number), '[]')
    from event_delivery.preflight_finding
  ) as findings,
  (
    select coalesce(jsonb_object_agg(destination, server), '{}')
    from event_delivery.preflight_destination
  ) as servers
from event_delivery.preflight as looked
