-- How far each part of a split file has come stands beside its manifest: `part` is its number, from 1, of the delivery's
-- file called `file_name`; 0 is that file itself, sent whole before it was split. Null: what follows a file, as before.
alter table event_delivery.delivery_companion
add column file_name text,
add column part integer,
add column bytes bigint;
