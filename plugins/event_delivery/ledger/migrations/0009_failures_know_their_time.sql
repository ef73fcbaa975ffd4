-- When was the last error recorded? Only so is one that no attempt came to told from an old one, which is purged.
alter table event_delivery.delivery_record add column failed_at timestamptz;
