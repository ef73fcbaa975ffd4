alter table event_delivery.delivery
add column if not exists temporary_path text,
add column if not exists permanent boolean
