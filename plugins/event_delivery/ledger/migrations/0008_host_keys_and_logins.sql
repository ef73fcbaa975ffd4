-- A key that a server only showed is told from one that a login was completed with, and from one that a person
-- confirmed. Of each server the last two kinds are one key at most, the trusted one; what was shown stops nobody.
alter table event_delivery.host_key
drop constraint host_key_pkey,
add column state text not null default 'first contact, unconfirmed'
check (state in ('shown only', 'first contact, unconfirmed', 'confirmed')),
add column last_seen_at timestamptz not null default now(),
add primary key (host, port, public_key);

create unique index host_key_trusted on event_delivery.host_key (host, port) where state <> 'shown only';

-- Which of a Connection's two credentials was offered last, while its client changes over, and did it log in?
create table event_delivery.login (
  connection text primary key,
  offered text not null check (offered in ('current', 'next')),
  worked boolean not null,
  tried_at timestamptz not null default now()
);
