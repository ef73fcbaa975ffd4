-- A ledger belongs to one instance, and to the very database that this was claimed in: a copy is not taken for it.
create table event_delivery.instance (
  id integer primary key default 1 check (id = 1),
  name text not null,
  rehearsal boolean not null,
  system_identifier bigint,
  database_oid bigint not null,
  claimed_at timestamptz not null default now()
);

-- Where each destination's files went last, so that no two share a folder under two Connections.
create table event_delivery.recipient (
  destination text primary key,
  host text not null,
  port integer not null,
  login text not null,
  folder text not null,
  recorded_at timestamptz not null default now()
);

create index recipient_host_port_folder on event_delivery.recipient (host, port, folder);
