select
  pg_export_snapshot() as name,
  concat_ws(' ', pg_postmaster_start_time(), pg_current_snapshot()) as identity
