select exists (
  select
  from event_delivery.delivery_record
  where delivered_at >= coalesce(%(since)s, '-infinity'::timestamptz)
)
