"""Rows in SQLite, in memory or in a file: written, selected, counted, rewound to marks, and copied as images.

It hands out `Store`, `Row`, `Selection`, `Mark`, `Image`, and `Change`, what a write did to a row.
"""
