alter table event_delivery.attempt
add column if not exists bytes_sent bigint,
add column if not exists send_seconds double precision,
add column if not exists compressed boolean,
add column if not exists permanent boolean
