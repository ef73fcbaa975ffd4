-- A file is known by the digest of its ids, as it is brought and as the client has it; a day may have supplements. What
-- the source held when a day was last compared with that, stands beside.
alter table event_delivery.delivery_record
drop constraint delivery_record_kind_check,
add constraint delivery_record_kind_check
check (kind in ('nightly', 'test') or kind ~ '^supplement-[1-9][0-9]{0,3}$');

alter table event_delivery.delivery_file
add column id_digest text,
add column delivered_rows bigint,
add column delivered_sha256 text,
add column delivered_id_digest text,
add column delivered_recipe jsonb;

update event_delivery.delivery_file
set delivered_rows = rows, delivered_sha256 = sha256, delivered_recipe = recipe
where state = 'delivered';

create table event_delivery.comparison (
  destination text not null,
  event text not null,
  interval_start timestamptz not null,
  interval_end timestamptz not null,
  compared_at timestamptz not null,
  found_at timestamptz,
  rows bigint not null,
  id_digest text not null,
  late bigint,
  deleted bigint,
  differs boolean not null,
  handling text,
  delivered_until timestamptz not null,
  primary key (destination, event, interval_start, interval_end)
);
