"""Transactions of an instance, and what keeps it the same in several processes."""
