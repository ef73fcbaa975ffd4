update event_delivery.delivery_record as recorded
set
  sequence = coalesce(
    recorded.sequence,
    (
      select coalesce(max(earlier.sequence), 0) + 1
      from event_delivery.delivery_record as earlier
      where
        earlier.destination = recorded.destination
        and earlier.event = recorded.event
    )
  )
where recorded.id = %(delivery_id)s
returning recorded.sequence
