-- What lay on the client's server when it was looked at once more, some time after a delivery: one look for each time
-- that a file was delivered. `as_sent`: null where the server does not tell.
create table event_delivery.verification (
  file_id bigint primary key references event_delivery.delivery_file on delete cascade,
  delivered_at timestamptz not null,
  verified_at timestamptz not null default now(),
  found text not null,
  as_sent boolean
);

-- When a Connection could last not be used for a look: a login that is refused is not tried each hour, nor by others
-- that share it.
create table event_delivery.failed_look (
  connection text primary key,
  failed_at timestamptz not null
);
