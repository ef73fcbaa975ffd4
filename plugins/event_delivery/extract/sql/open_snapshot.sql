select
  set_config('timezone', 'UTC', true),
  set_config('client_encoding', 'UTF8', true),
  set_config('datestyle', 'ISO', true),
  set_config('intervalstyle', 'postgres', true),
  set_config('extra_float_digits', '1', true),
  set_config('bytea_output', 'hex', true),
  set_config('lc_monetary', 'C', true),
  set_config('random_page_cost', '1.1', true),
  set_config('work_mem', '64MB', true)
