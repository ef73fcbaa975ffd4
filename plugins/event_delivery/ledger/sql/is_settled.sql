select exists (
  select
  from event_delivery.delivery
  where
    destination = %(destination)s
    and event = %(event)s
    and interval_start = %(interval_start)s
    and interval_end = %(interval_end)s
    and kind = %(kind)s
    and (remote_path is not null or state in ('delivered', 'unconfirmed'))
)
