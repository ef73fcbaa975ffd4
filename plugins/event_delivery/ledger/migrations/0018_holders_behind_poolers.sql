-- Behind a pooler a session is no attempt's own, and lives on when that dies: there a delivery is held by whoever says
-- so, and for as long as an attempt may take.
alter table event_delivery.held_delivery
add column holder text,
add column expires_at timestamptz;
