select exists (
  select
  from information_schema.columns
  where table_schema = 'event_delivery' and table_name = 'attempt' and column_name = 'permanent'
)
