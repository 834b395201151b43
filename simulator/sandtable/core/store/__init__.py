"""Rows in SQLite or PostgreSQL: written, selected, counted, rewound to marks, and copied as images.

It hands out `Store`, `Row`, `Selection`, `Mark`, `Image`, and `Change`, what a write did to a row.
"""
