-- Failed attempts that nothing rests on: neither a delivery's first nor its run's last. The ledger may forget them.
create view event_delivery.needless_attempt as
select made.id, made.delivery_id
from event_delivery.delivery_attempt as made
where
  (made.error is not null or made.ended_at is null)
  and exists (
    select
    from event_delivery.delivery_attempt as earlier
    where earlier.delivery_id = made.delivery_id and earlier.attempt < made.attempt
  )
  and exists (
    select
    from event_delivery.delivery_attempt as later
    where
      later.delivery_id = made.delivery_id
      and later.attempt > made.attempt
      and later.run_id is not distinct from made.run_id
  );
