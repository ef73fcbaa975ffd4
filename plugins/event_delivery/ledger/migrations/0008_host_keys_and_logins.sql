-- A key that a server only showed is told from one that a login was completed with, and from one that a person
-- confirmed. Trust is a Connection's: whoever may edit one changes nothing for another that leads to the same server.
-- Keys from before stand under no Connection, and count for each that knows none of its own.
alter table event_delivery.host_key
drop constraint host_key_pkey,
add column connection text not null default '',
add column state text not null default 'first contact, unconfirmed'
check (state in ('shown only', 'first contact, unconfirmed', 'confirmed')),
add column last_seen_at timestamptz not null default now(),
add primary key (connection, host, port, public_key);

create unique index host_key_trusted on event_delivery.host_key (connection, host, port) where state <> 'shown only';

-- Which of a Connection's two credentials was offered last, while its client changes over, and did it log in?
create table event_delivery.login (
  connection text primary key,
  offered text not null check (offered in ('current', 'next')),
  worked boolean not null,
  tried_at timestamptz not null default now()
);
