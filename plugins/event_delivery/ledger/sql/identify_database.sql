select oid::bigint, datname
from pg_database
where datname = current_database()
