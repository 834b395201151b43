"""Predicates, and the SQL that finds the rows for which they hold."""
