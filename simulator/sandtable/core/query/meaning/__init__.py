"""What a query asks of a table: fields and operators resolved against the dictionary, and what is remembered."""
