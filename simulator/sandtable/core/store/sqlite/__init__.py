"""SQLite as the store uses a database: in a file of its own, or in memory as pages that are shared until written."""
