-- What may be connected to a client's server now: a delivery, or a look at delivered files. So that not all clients of
-- one hosting firm are served at once. The lease of whoever died ends by itself.
create table event_delivery.host_lease (
  name text primary key,
  host text not null,
  token uuid not null,
  expires_at timestamptz not null
);

create index host_lease_host on event_delivery.host_lease (host);
