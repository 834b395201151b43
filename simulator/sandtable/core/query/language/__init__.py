"""Encoded queries as texts: operators, syntax, parsing and rendering, what a date or a script in one means."""
