-- A delivery whose format changed has left files of both names with the client, and beside each its companion.
alter table event_delivery.delivery_companion drop constraint delivery_companion_pkey;
alter table event_delivery.delivery_companion add primary key (delivery_id, name);
