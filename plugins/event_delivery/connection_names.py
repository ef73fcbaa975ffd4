"""Which Airflow Connections are the databases', and so no client's?"""

EVENTS_DB = "events_db"
LEDGER_DB = "ledger_db"
DATABASES = (EVENTS_DB, LEDGER_DB)
