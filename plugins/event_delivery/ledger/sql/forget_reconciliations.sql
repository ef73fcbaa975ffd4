delete from event_delivery.reconciliation as old
where
  old.recorded_at < now() - %(days)s * interval '1 day'
  and exists (
    select
    from event_delivery.reconciliation as newer
    where newer.destination = old.destination and newer.id > old.id
  )
