-- Airflow's try number tells an attempt of before a clear from one of since.
alter table event_delivery.delivery_attempt add column try_number integer;
