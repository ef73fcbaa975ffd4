"""Where does the page know from, in a fixed number of queries?

`runs`       Airflow's own database
`knowledge`  the ledger and Airflow together
"""
