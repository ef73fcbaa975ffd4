-- A destination that moves to another server or folder, and perhaps back, leaves there what it had sent: each place has
-- its own companions and parts, and what is removed at one is forgotten of that one alone.
alter table event_delivery.delivery_companion drop constraint delivery_companion_pkey;
alter table event_delivery.delivery_companion add primary key (delivery_id, server, remote_path);
