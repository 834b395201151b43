"""A copy of a running instance as one file: what its tables are, and records of them, read through the Table API."""
