-- When a person last had a delivery sent again, whatever of it the client may have: that stays said when the run that
-- was told so has used up its tries.
alter table event_delivery.delivery_record
add column sent_again_at timestamptz;
