-- A day without events may bring no file: it stands in the ledger as `skipped`, `delivered_at` says since when, and a
-- look for late events takes it for a day that was delivered empty. Deliveries are numbered when a manifest first names
-- them: one that is skipped or cancelled leaves no gap.
alter table event_delivery.delivery_record
drop constraint delivery_record_state_check,
add constraint delivery_record_state_check
check (state in ('uploading', 'failed', 'delivered', 'unconfirmed', 'cancelled', 'held', 'skipped')),
add column sequence integer;

alter table event_delivery.delivery_file
drop constraint delivery_file_state_check,
add constraint delivery_file_state_check
check (state in ('uploading', 'failed', 'delivered', 'unconfirmed', 'skipped'));
