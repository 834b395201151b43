"""Rows in PostgreSQL, shared by any number of processes; psycopg is imported here and nowhere else."""
