-- A person's yes to a file that is held is for that very file, and for no other: the checksum of the one that waits.
alter table event_delivery.delivery_record add column held_sha256 text;
