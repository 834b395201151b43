"""Lists of records: their columns, filters, groups, pages, and what can be done with the rows."""
