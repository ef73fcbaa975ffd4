select transaction_timestamp()
